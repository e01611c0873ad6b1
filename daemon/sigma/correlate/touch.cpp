// touch.cpp: people and evidence of one base match.
#include "daemon/sigma/correlate/alert_text.h"
#include "daemon/sigma/correlate/group.h"

namespace tocsin::sigma {
namespace {

template <typename List>
std::string text_of(const List& group) {
  std::string out;
  for (const v1::FieldValue& part : group) {
    out += fmt::format("{}:{}{}:{}", part.field().size(), part.field(), part.value().size(), part.value());
  }
  return out;
}

}  // namespace

std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) { return text_of(group); }
std::string group_text(const std::vector<v1::FieldValue>& group) { return text_of(group); }

Affected affected_of(std::string rule_id, std::vector<v1::FieldValue> group, std::int64_t time, const Id128& event,
                     const v1::FoldTouch& touch) {
  Affected out;
  out.rule_id = std::move(rule_id);
  out.group = std::move(group);
  out.time = instant_of(time);
  out.event_id = event.hex();
  out.subjects.assign(touch.subjects().begin(), touch.subjects().end());
  out.subject_count = touch.subject_count();
  out.record_count = touch.record_count();
  out.count_basis = touch.count_basis();
  out.categories.assign(touch.categories().begin(), touch.categories().end());
  return out;
}

void add_evidence(v1::Alert& alert, std::int64_t time, const Id128& event, const v1::FoldTouch& touch) {
  v1::Evidence* out = alert.add_evidence();
  out->set_event_id(event.hex());
  set_time(*out->mutable_time(), time);
  out->set_source(touch.source());
  out->set_partition(touch.partition());
  out->set_offset(touch.offset());
  *out->mutable_fields() = touch.evidence();
}

}  // namespace tocsin::sigma
