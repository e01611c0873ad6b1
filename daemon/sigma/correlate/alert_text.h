// alert_text.h: what an alert says, for people, and the parts that every alert has.
#pragma once

#include <string>
#include <vector>

#include "daemon/sigma/correlate/windows/exact.h"
#include "daemon/sigma/language/rule.h"
#include "tocsin/v1/alert.pb.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

void set_time(google::protobuf::Timestamp& out, std::int64_t micros);
void describe_rule(const Rule& rule, const std::string& tenant, v1::Alert& out);

/// `61 distinct subjects in 10m (threshold 50); actor.id = ana`.
std::string explain(const Correlation& correlation, const windows::Value& value, const std::vector<v1::FieldValue>& group);
/// The same of a finding that has its words already.
std::string explain(std::string finding, const std::vector<v1::FieldValue>& group);
/// `selection and not authorised: actor.roles = marketing, resource.classifications = personal`.
std::string explain(const Detection& detection, const FieldTable& fields, const v1::RuleMatch& match);

}  // namespace tocsin::sigma
