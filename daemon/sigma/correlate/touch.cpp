// touch.cpp: people and evidence of one base match.
#include "daemon/sigma/correlate/touch.h"

#include <charconv>

#include "daemon/base/promise.h"
#include "daemon/sigma/correlate/alert_text.h"

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

std::string_view take_part(std::string_view& text) {
  std::size_t size = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), size);
  TOCSIN_ASSERT(code == std::errc() && *end == ':');
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  const std::string_view out = text.substr(0, size);
  text.remove_prefix(size);
  return out;
}

}  // namespace

v1::FoldTouch Touch::whole() const {
  v1::FoldTouch out;
  TOCSIN_ASSERT(event == nullptr || out.ParseFromString(*event));
  TOCSIN_ASSERT(out.MergeFromString(evidence));
  return out;
}

Touches::const_iterator first_from(const Touches& touches, std::int64_t time) {
  Touch from;
  from.time = time;
  from.counts = false;
  return touches.lower_bound(from);
}

std::string group_text(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) { return text_of(group); }
std::string group_text(const std::vector<v1::FieldValue>& group) { return text_of(group); }

std::vector<v1::FieldValue> group_of(std::string_view text) {
  std::vector<v1::FieldValue> out;
  while (!text.empty()) {
    v1::FieldValue& part = out.emplace_back();
    part.set_field(std::string(take_part(text)));
    part.set_value(std::string(take_part(text)));
  }
  return out;
}

Affected affected_of(std::string rule_id, std::vector<v1::FieldValue> group, const Touch& touch) {
  const v1::FoldTouch whole = touch.whole();
  Affected out;
  out.rule_id = std::move(rule_id);
  out.group = std::move(group);
  out.time = instant_of(touch.time);
  out.event_id = touch.id.hex();
  out.subjects.assign(whole.subjects().begin(), whole.subjects().end());
  out.subject_count = whole.subject_count();
  out.record_count = whole.record_count();
  out.count_basis = whole.count_basis();
  out.categories.assign(whole.categories().begin(), whole.categories().end());
  return out;
}

void add_evidence(v1::Alert& alert, const Touch& touch) {
  const v1::FoldTouch whole = touch.whole();
  v1::Evidence* out = alert.add_evidence();
  out->set_event_id(touch.id.hex());
  set_time(*out->mutable_time(), touch.time);
  out->set_source(whole.source());
  out->set_partition(whole.partition());
  out->set_offset(whole.offset());
  *out->mutable_fields() = whole.evidence();
}

}  // namespace tocsin::sigma
