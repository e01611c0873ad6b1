// mapping_file.cpp: any text as a mapping.
#include "daemon/base/promise.h"
#include "daemon/base/proto_yaml.h"
#include "daemon/ingest/mapper.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {

void mapping_file(std::string_view bytes) {
  static const FieldTable fields = [] {
    FieldTable table;
    for (const std::string_view name : {"actor.id", "CommandLine", "EventID", "a.b"}) table.intern(name);
    table.wants_all = true;
    return table;
  }();
  const auto file = yaml::parse("m.yml", std::string(bytes));
  if (!file || file->documents.empty()) return;
  v1::Mapping mapping;
  if (!fill(*file, file->documents.front(), mapping)) return;
  ingest::MapperSettings settings;
  settings.source = "s";
  settings.subject_key.bytes = Secret(std::string(32, 'k'));
  settings.mappings = {mapping.name()};
  auto mapper = ingest::Mapper::make({mapping}, fields, settings);
  if (!mapper) return;
  Record record;
  record.value = R"({"a":{"b":[1,"two",null,{"c":true}]},"actor":{"id":"u"},"time":"2026-11-23T08:00:00Z","Event":{"System":{"EventID":1,"Channel":"Security"},)"
                 R"("EventData":{"CommandLine":"x y","Source Name":"z"}},"Records":[{"eventTime":"2026-11-23T08:00:00Z"},7,[]],"subjects":[{"id":"p","id_type":"customer"}],"n":-4e3})";
  std::vector<Event> events;
  ingest::DeadLetter dead;
  if (!mapper->map(record, events, dead)) return;
  for (const Event& event : events) TOCSIN_ASSERT(event.slots() == fields.size());
}

}  // namespace tocsin::fuzz
