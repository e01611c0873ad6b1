// words.cpp: nouns as short texts.
#include "daemon/cli/words.h"

#include <google/protobuf/util/time_util.h>

#include "daemon/base/clock.h"

namespace tocsin::cli {
namespace {

std::string lower_without(std::string name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

}  // namespace

std::string time_text(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "-";
  return rfc3339(instant_of(google::protobuf::util::TimeUtil::TimestampToMicroseconds(time)));
}

std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) {
  std::string out;
  for (const v1::FieldValue& each : group) out += fmt::format("{}{}={}", out.empty() ? "" : " ", each.field(), each.value());
  return out.empty() ? "-" : out;
}

std::string state_text(v1::IncidentState state) { return lower_without(v1::IncidentState_Name(state), "INCIDENT_STATE_"); }
std::string state_text(v1::NoticeState state) { return lower_without(v1::NoticeState_Name(state), "NOTICE_STATE_"); }
std::string state_text(v1::RoundState state) { return lower_without(v1::RoundState_Name(state), "ROUND_"); }

std::string count_text(const v1::Incident& incident) {
  std::string out = std::to_string(incident.affected_count());
  if (incident.reported_count() > 0) {
    out += fmt::format(" + {} {}", incident.reported_count(),
                       incident.count_basis() == v1::COUNT_BASIS_ESTIMATED ? "estimated" : "reported without names");
  }
  return out;
}

}  // namespace tocsin::cli
