// facts.h: what the words of a notice are made of, frozen with its round.
#pragma once

#include <string>

#include "daemon/casebook/plan.h"
#include "notifiers/render.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/notice_facts.pb.h"

namespace tocsin::casebook {

inline constexpr const char* kIndividual = "individual_notice";
inline constexpr const char* kAnnouncement = "announcement";
inline constexpr const char* kOperations = "operations";

v1::NoticeFacts facts_of(const v1::Incident& incident, const v1::Organisation& organisation, std::string_view purpose, std::uint32_t round, Instant now);

/// The fingerprint over everything that a round may say, on every channel type, in every language, to every audience.
Result<std::string> words_hash(v1::NoticeFacts facts, const Plan& plan);

/// subject → person, minor, guardian.
Audience audience_of(std::string_view kind);

std::string notice_id(std::string_view incident_id, std::string_view purpose, std::uint32_t round, std::string_view recipient, std::string_view channel);
std::string text_id(std::string_view incident_id, std::string_view purpose, std::uint32_t round, std::string_view channel, std::string_view locale,
                    std::string_view kind);

}  // namespace tocsin::casebook
