// words.h: times, states and groups as people read them in tables.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/notice.pb.h"

namespace tocsin::cli {

/// RFC 3339 in UTC, or `-` where there is none.
std::string time_text(const google::protobuf::Timestamp& time);
/// `actor.id=eva resource.type=customer`
std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group);
/// `confirmed`, without the enum's own prefix.
std::string state_text(v1::IncidentState state);
std::string state_text(v1::NoticeState state);
std::string state_text(v1::RoundState state);
/// `3998` · `3998 (estimated)`
std::string count_text(const v1::Incident& incident);

}  // namespace tocsin::cli
