// mapping_file.cpp: any text as a mapping.
#include <memory>

#include "daemon/base/promise.h"
#include "daemon/base/proto_yaml.h"
#include "daemon/ingest/mapper.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {
namespace {

constexpr std::string_view kFields[] = {"actor.id", "CommandLine", "EventID", "a.b", "subjects.id", "subjects", "Source Name", "id", "System.Channel"};

/// A mapper for these fields, or nothing where the mapping is refused.
struct Reader {
  explicit Reader(const v1::Mapping& mapping, std::span<const std::string_view> names) {
    for (const std::string_view name : names) fields.intern(name);
    fields.wants_all = true;
    auto made = ingest::Mapper::make({mapping}, fields, {.source = "s", .subject_key = {Secret(std::string(32, 'k')), 1}, .mappings = {mapping.name()}});
    if (made) mapper = std::make_unique<ingest::Mapper>(std::move(*made));
  }
  bool map(const Record& record) { return mapper->map(record, events, dead); }

  FieldTable fields;
  std::unique_ptr<ingest::Mapper> mapper;
  std::vector<Event> events;
  ingest::DeadLetter dead;
};

bool overlap(std::string_view a, std::string_view b) { return a.data() < b.data() + b.size() && b.data() < a.data() + a.size(); }

/// What a person is called stands in nothing that rules, alerts or the log may show, wherever else a path leads there.
void nobody_is_shown(const Event& event) {
  for (const ClearId& person : event.clear_ids) {
    for (const Value& value : event.all_values()) TOCSIN_ASSERT(!overlap(value.raw, person.clear));
    for (const std::string_view text : event.categories) TOCSIN_ASSERT(!overlap(text, person.clear));
    for (const std::string_view text : {event.log_source.product, event.log_source.category, event.log_source.service}) TOCSIN_ASSERT(!overlap(text, person.clear));
  }
}

}  // namespace

void mapping_file(std::string_view bytes) {
  const auto file = yaml::parse("m.yml", std::string(bytes));
  if (!file || file->documents.empty()) return;
  v1::Mapping mapping;
  if (!fill(*file, file->documents.front(), mapping)) return;
  Reader all(mapping, kFields);
  if (all.mapper == nullptr) return;
  Record record;
  record.value = R"({"a":{"b":[1,"two",null,{"c":true}]},"actor":{"id":"u"},"time":"2026-11-23T08:00:00Z","Event":{"System":{"EventID":1,"Channel":"Security"},)"
                 R"("EventData":{"CommandLine":"x y","Source Name":"z"},"UserData":{"System":{"Channel":"inner","CommandLine":"deep"},"Other":{"EventID":7}}},"Records":[{"eventTime":"2026-11-23T08:00:00Z"},7,[]],)"
                 R"("subjects":[{"id":"p","id_type":"customer","i d":"q"},"r"],"n":-4e3})";
  const bool mapped = all.map(record);
  // No field is another's: each has the values that it has when nobody asks for the others, and so is the verdict on the record.
  for (const std::string_view name : kFields) {
    Reader alone(mapping, {&name, 1});
    TOCSIN_ASSERT(alone.mapper != nullptr);
    TOCSIN_ASSERT(alone.map(record) == mapped);
    if (!mapped) continue;
    TOCSIN_ASSERT(alone.events.size() == all.events.size());
    for (std::size_t i = 0; i < all.events.size(); ++i) {
      const auto ours = all.events[i].values(all.fields.find(name)), theirs = alone.events[i].values(alone.fields.find(name));
      TOCSIN_ASSERT(std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), [](const Value& a, const Value& b) { return a.type == b.type && a.raw == b.raw; }));
    }
  }
  if (!mapped) return;
  for (Event& event : all.events) {
    all.mapper->complete(event);
    nobody_is_shown(event);
  }
}

}  // namespace tocsin::fuzz
