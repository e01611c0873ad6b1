// windows_event_test.cpp: the public corpus's recorded Windows events get the log source of the rule they were recorded for. Needs ../shared.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "daemon/base/yaml.h"
#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(TOCSIN_SOURCE_DIR) / "../shared/data/sigmahq";

/// Rule id → the log source that it asks for.
std::map<std::string, LogSource> rule_log_sources() {
  std::map<std::string, LogSource> out;
  for (const std::string_view folder : {"rules", "rules-emerging-threats", "rules-threat-hunting"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kCorpus / folder)) {
      if (entry.path().extension() != ".yml") continue;
      const auto file = yaml::load(entry.path().string());
      if (!file || file->documents.empty()) continue;
      const yaml::Node* id = file->documents[0].find("id");
      const yaml::Node* source = file->documents[0].find("logsource");
      if (id == nullptr || source == nullptr) continue;
      const auto word = [&](std::string_view key) {
        const yaml::Node* node = source->find(key);
        return node == nullptr ? std::string() : node->text;
      };
      out[id->text] = {word("product"), word("category"), word("service")};
    }
  }
  return out;
}

/// The files are indented: a document ends with a bracket at the beginning of a line.
std::vector<std::string> documents_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> out(1);
  for (std::string line; std::getline(in, line);) {
    out.back() += line + "\n";
    if (line.starts_with('}')) out.emplace_back();
  }
  out.pop_back();
  return out;
}

TEST(WindowsEvent, recorded_events_have_the_log_source_of_their_rule) {
  if (!fs::exists(kCorpus)) GTEST_SKIP() << "SKIPPED: no SigmaHQ corpus at " << kCorpus.lexically_normal();
  const auto wanted = rule_log_sources();
  const auto mappings = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
  ASSERT_TRUE(mappings) << mappings.error().text;
  const FieldTable fields;
  MapperSettings settings;
  settings.source = "s";
  settings.subject_key.bytes = Secret(std::string(32, 'k'));
  auto mapper = Mapper::make(*mappings, fields, settings);
  ASSERT_TRUE(mapper) << mapper.error().text;
  std::vector<Event> events;
  DeadLetter dead;
  int seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus / "regression_data")) {
    if (entry.path().extension() != ".json") continue;
    const auto rule = wanted.find(entry.path().stem().string());
    for (const std::string& document : documents_of(entry.path())) {
      Record record;
      record.value = document;
      ASSERT_TRUE(mapper->map(record, events, dead)) << entry.path() << ": " << dead.reason << " " << dead.detail;
      ASSERT_EQ(events.size(), 1U);
      ++seen;
      if (rule == wanted.end()) continue;
      const LogSourceView& got = events[0].log_source;
      EXPECT_EQ(got.product, rule->second.product) << entry.path();
      if (!rule->second.category.empty()) {
        EXPECT_EQ(got.category, rule->second.category) << entry.path();
      }
      if (!rule->second.service.empty()) {
        EXPECT_EQ(got.service, rule->second.service) << entry.path();
      }
    }
  }
  EXPECT_EQ(seen, 118);
}

}  // namespace
}  // namespace tocsin::ingest
