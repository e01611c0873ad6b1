// test_verb.cpp: `tocsin test`: the tests inside rules and the samples inside mappings.
#include <CLI/CLI.hpp>

#include "daemon/base/hash.h"
#include "daemon/base/json.h"
#include "daemon/cli/content.h"
#include "daemon/cli/rule_words.h"
#include "daemon/cli/verbs.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/mapping_test_runner.h"
#include "daemon/sigma/authoring/rule_tests.h"

namespace tocsin::cli {
namespace {

struct Line {
  std::string kind, name, test, place, difference;
  bool passed = false;
};

/// Documents inside rules are read as the daemon reads them, through the mappings of the pack.
sigma::MapDocument map_document(const Content& content) {
  return [&content, mappers = std::map<std::string, std::shared_ptr<ingest::Mapper>>()](const std::string& document, const std::string& mapping,
                                                                                      const std::function<void(Event&)>& show) mutable -> Result<void> {
    std::shared_ptr<ingest::Mapper>& mapper = mappers[mapping];
    if (mapper == nullptr) {
      const SubjectKey key{Secret(hmac_sha256("tocsin test", "subject")), 1};
      std::vector<std::string> names;
      if (!mapping.empty()) names.push_back(mapping);
      TOCSIN_ASSIGN(ingest::Mapper made, ingest::Mapper::make(content.mappings, content.rules->fields(), {.source = "rule test", .subject_key = key, .mappings = names}));
      mapper = std::make_shared<ingest::Mapper>(std::move(made));
    }
    Record record;
    record.value = document;
    std::vector<Event> events;
    ingest::DeadLetter dead;
    if (!mapper->map(record, events, dead)) return bad_input(fmt::format("{}: {}", dead.reason, dead.detail));
    for (Event& event : events) {
      mapper->complete(event);
      show(event);
    }
    return {};
  };
}

Result<std::vector<Line>> run_all(const Content& content, bool require_both) {
  std::vector<Line> lines;
  const auto add = [&](const std::vector<sigma::RuleTestOutcome>& outcomes) {
    for (const sigma::RuleTestOutcome& each : outcomes) lines.push_back({"rule", each.title, each.name, each.place, each.difference, each.passed});
  };
  add(sigma::run_rule_tests(content.rules, map_document(content)));
  if (require_both) add(sigma::missing_tests(*content.rules));
  for (const v1::Mapping& mapping : content.mappings) {
    TOCSIN_ASSIGN(const auto samples, ingest::run_samples(mapping));
    for (const ingest::SampleOutcome& each : samples) {
      lines.push_back({"mapping", each.mapping, each.sample, {}, each.difference, each.difference.empty()});
    }
  }
  return lines;
}

void print(const Call& call, const std::vector<Line>& lines, bool verbose) {
  std::ostream& out = call.world.out;
  Output output = call.output();
  Rows rows;
  for (const Line& line : lines) {
    const char* verdict = line.passed ? "passed" : "FAILED";
    if (output.format == Format::json || output.format == Format::ndjson) {
      out << fmt::format("{{\"kind\":\"{}\",\"name\":\"{}\",\"test\":\"{}\",\"place\":\"{}\",\"passed\":{},\"difference\":\"{}\"}}\n", line.kind,
                         json_escaped(line.name), json_escaped(line.test), json_escaped(line.place), line.passed, json_escaped(line.difference));
    } else if (output.format == Format::csv) {
      rows.push_back({line.kind, line.name, line.test, line.place, verdict, line.difference});
    } else if (verbose || !line.passed) {
      out << fmt::format("{} {} `{}`: {}{}\n", verdict, line.kind, line.name, line.test, line.place.empty() ? "" : " (" + line.place + ")");
      if (!line.passed) out << line.difference << (line.difference.ends_with('\n') ? "" : "\n");
    }
  }
  if (output.format == Format::csv) print_csv(output, {"kind", "name", "test", "place", "verdict", "difference"}, rows);
}

struct TestWords {
  bool verbose = false, require_both = false;
};

Ending test(const Call& call, const RuleWords& words, const TestWords& how) {
  auto pack = find_pack(words.paths, installed_pack());
  if (!pack) return ending_of(pack.error());
  pack->placeholders.insert(pack->placeholders.end(), words.placeholders.begin(), words.placeholders.end());
  auto content = load_content(*pack);
  if (!content) return ending_of(content.error());
  auto lines = run_all(*content, how.require_both);
  if (!lines) return ending_of(lines.error());
  print(call, *lines, how.verbose);
  const auto failed = std::count_if(lines->begin(), lines->end(), [](const Line& line) { return !line.passed; });
  if (call.format == Format::table) call.world.out << fmt::format("{} tests, {} failed\n", lines->size(), failed);
  return {failed == 0 ? ExitCode::ok : ExitCode::negative, {}, {}};
}

}  // namespace

void add_test(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("test", "run the tests inside rules and the samples inside mappings; 1 where one fails")->fallthrough();
  auto words = std::make_shared<RuleWords>();
  auto how = std::make_shared<TestWords>();
  add_rule_words(*sub, *words, "the installed pack");
  sub->add_flag("-v,--verbose", how->verbose, "also name the tests that pass");
  sub->add_flag("--require-both", how->require_both, "a rule that alerts without a test that fires and one that stays quiet has failed");
  sub->callback([&call, words, how] { call.action = [&call, words, how] { return test(call, *words, *how); }; });
}

}  // namespace tocsin::cli
