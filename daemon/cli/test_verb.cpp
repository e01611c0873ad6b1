// test_verb.cpp: `tocsin test`: the tests inside rules and the samples inside mappings.
#include <CLI/CLI.hpp>

#include "daemon/base/json.h"
#include "daemon/cli/content.h"
#include "daemon/cli/rule_words.h"
#include "daemon/cli/verbs.h"
#include "daemon/ingest/mapping_test_runner.h"
#include "daemon/sigma/authoring/rule_tests.h"

namespace tocsin::cli {
namespace {

struct Line {
  std::string kind, name, test, place, difference;
  bool passed = false;
};

Result<std::vector<Line>> run_all(const Content& content) {
  std::vector<Line> lines;
  for (sigma::RuleTestOutcome& each : sigma::run_rule_tests(content.rules)) {
    lines.push_back({"rule", each.title, each.name, each.place, each.difference, each.passed});
  }
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

Ending test(const Call& call, const RuleWords& words, bool verbose) {
  auto pack = find_pack(words.paths, installed_pack());
  if (!pack) return ending_of(pack.error());
  pack->placeholders.insert(pack->placeholders.end(), words.placeholders.begin(), words.placeholders.end());
  auto content = load_content(*pack);
  if (!content) return ending_of(content.error());
  auto lines = run_all(*content);
  if (!lines) return ending_of(lines.error());
  print(call, *lines, verbose);
  const auto failed = std::count_if(lines->begin(), lines->end(), [](const Line& line) { return !line.passed; });
  if (call.format == Format::table) call.world.out << fmt::format("{} tests, {} failed\n", lines->size(), failed);
  return {failed == 0 ? ExitCode::ok : ExitCode::negative, {}, {}};
}

}  // namespace

void add_test(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("test", "run the tests inside rules and the samples inside mappings; 1 where one fails")->fallthrough();
  auto words = std::make_shared<RuleWords>();
  auto verbose = std::make_shared<bool>(false);
  add_rule_words(*sub, *words, "the installed pack");
  sub->add_flag("-v,--verbose", *verbose, "also name the tests that pass");
  sub->callback([&call, words, verbose] { call.action = [&call, words, verbose] { return test(call, *words, *verbose); }; });
}

}  // namespace tocsin::cli
