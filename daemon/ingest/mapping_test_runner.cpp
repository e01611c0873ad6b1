// mapping_test_runner.cpp: samples in, differences out.
#include "daemon/ingest/mapping_test_runner.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

using google::protobuf::Value;

std::string text_of(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue: return value.string_value();
    case Value::kNumberValue: return fmt::format("{}", value.number_value());
    case Value::kBoolValue: return value.bool_value() ? "true" : "false";
    default: return "";
  }
}

std::vector<std::string> texts_of(const Value& value) {
  std::vector<std::string> texts;
  if (value.kind_case() == Value::kListValue) {
    for (const Value& item : value.list_value().values()) texts.push_back(text_of(item));
  } else if (value.kind_case() != Value::kNullValue) {
    texts.push_back(text_of(value));
  }
  return texts;
}

/// Compares one event with what a sample expects of it; each difference is a line.
std::string difference(const v1::Expected& expected, const Event& event, const FieldTable& fields) {
  std::string out;
  const auto differ = [&](std::string_view what, const auto& wanted, const auto& got) {
    if (wanted != got) out += fmt::format("{}: expected `{}`, got `{}`\n", what, wanted, got);
  };
  differ("time", rfc3339(instant_of(google::protobuf::util::TimeUtil::TimestampToMicroseconds(expected.time()))), rfc3339(event.time));
  for (const auto& [name, value] : expected.fields()) {
    const FieldTable::Slot slot = fields.find(name);
    std::vector<std::string> got;
    for (std::size_t i = 0; i < event.count(slot); ++i) got.emplace_back(event.value(slot, i).raw);
    if (value.kind_case() == Value::kNullValue && event.present(slot)) out += fmt::format("{}: expected to be absent\n", name);
    differ(name, fmt::format("{}", fmt::join(texts_of(value), ", ")), fmt::format("{}", fmt::join(got, ", ")));
  }
  differ("subjects", expected.subjects(), static_cast<std::int64_t>(event.subjects.size()));
  differ("subject_count", expected.subject_count(), event.subject_count);
  differ("record_count", expected.record_count(), event.record_count);
  if (expected.categories_size() > 0) {
    differ("categories", fmt::format("{}", fmt::join(expected.categories(), ", ")), fmt::format("{}", fmt::join(event.categories, ", ")));
  }
  differ("product", expected.product(), event.log_source.product);
  differ("category", expected.category(), event.log_source.category);
  differ("service", expected.service(), event.log_source.service);
  differ("wider", expected.wider(), event.log_source.wider);
  return out;
}

std::string run(const v1::Sample& sample, Mapper& mapper, const FieldTable& fields) {
  Record record;
  record.position.source = "sample";
  record.value = sample.text();
  if (sample.has_document()) google::protobuf::util::MessageToJsonString(sample.document(), &record.value);
  std::vector<Event> events;
  DeadLetter dead;
  if (!mapper.map(record, events, dead)) {
    if (dead.reason == sample.dead()) return {};
    return fmt::format("expected {}, got dead letter `{}` ({})\n",
                       sample.dead().empty() ? fmt::format("{} events", sample.events_size()) : fmt::format("dead letter `{}`", sample.dead()),
                       dead.reason, dead.detail);
  }
  if (!sample.dead().empty()) return fmt::format("expected dead letter `{}`, got {} events\n", sample.dead(), events.size());
  if (static_cast<std::size_t>(sample.events_size()) != events.size()) {
    return fmt::format("expected {} events, got {}\n", sample.events_size(), events.size());
  }
  std::string out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    mapper.complete(events[i]);
    out += difference(sample.events(static_cast<int>(i)), events[i], fields);
  }
  return out;
}

}  // namespace

Result<std::vector<SampleOutcome>> run_samples(const v1::Mapping& mapping) {
  if (mapping.samples().empty()) return bad_input(fmt::format("mapping `{}` has no samples", mapping.name()));
  FieldTable fields;
  for (const v1::Sample& sample : mapping.samples()) {
    for (const v1::Expected& expected : sample.events()) {
      for (const auto& [name, value] : expected.fields()) fields.intern(name);
    }
  }
  MapperSettings settings;
  settings.source = "sample";
  settings.subject_key.bytes = Secret(std::string(32, 's'));
  settings.mappings = {mapping.name()};
  TOCSIN_ASSIGN(Mapper mapper, Mapper::make({mapping}, fields, settings));
  std::vector<SampleOutcome> outcomes;
  for (const v1::Sample& sample : mapping.samples()) {
    outcomes.push_back({mapping.name(), sample.name(), run(sample, mapper, fields)});
  }
  return outcomes;
}

}  // namespace tocsin::ingest
