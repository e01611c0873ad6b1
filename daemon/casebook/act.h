// act.h: small parts that every act needs: who is the same person, JSON of an audit row, times of protobuf.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/store/rows.h"
#include "daemon/store/times.h"

namespace tocsin::casebook {

using store::instant_from;
using store::timestamp_of;

/// The principal of acts that an `auto_confirm` entry makes.
inline constexpr std::string_view kPlaybook = "playbook";

namespace limits {
inline constexpr std::size_t kDecisionBytesMax = 16U << 10U;  ///< A person's reason or evidence in words; more belongs in a file.
}

/// The person behind a credential: `unix:alice` and `token:alice` are one pair of eyes, not two.
std::string_view person_of(std::string_view principal);

/// The daemon and the playbook act, too, but are nobody's second pair of eyes.
bool is_machine(std::string_view principal);

/// `{"reason_hash":"…"}`: texts of people may name people, so an audit row, which stays for ever, holds only their hash.
std::string json_object(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

/// Without blanks at both ends.
std::string_view trimmed(std::string_view text);

/// bad_input where a person gave no words.
Result<void> demand_words(std::string_view text, std::string_view what);

}  // namespace tocsin::casebook
