// explain_verb.cpp: `tocsin explain --rule ID FILE`: why a rule said yes or no to an event.
#include <CLI/CLI.hpp>

#include "daemon/base/json.h"
#include "daemon/cli/event_reading.h"
#include "daemon/cli/verbs.h"
#include "daemon/ingest/line_blocks.h"
#include "daemon/sigma/authoring/explain.h"

namespace tocsin::cli {
namespace {

struct Words : EventWords {
  std::string file = "-", rule;
  std::int64_t event = 1;
};

/// By id, else by name.
const sigma::Rule* find_rule(const sigma::RuleSet& rules, const std::string& word) {
  if (const sigma::Rule* rule = rules.find(word)) return rule;
  for (const sigma::Rule& rule : rules.rules()) {
    if (rule.name == word) return &rule;
  }
  return nullptr;
}

std::string near_names(const sigma::RuleSet& rules, const std::string& word) {
  std::vector<std::string_view> known;
  for (const sigma::Rule& rule : rules.rules()) {
    known.push_back(rule.id);
    if (!rule.name.empty()) known.push_back(rule.name);
  }
  return yaml::did_you_mean(word, known);
}

/// The line with this number, as a record.
Reply<Record> read_line(const std::string& path, std::int64_t number) {
  auto blocks = ingest::LineBlocks::open(path);
  if (!blocks) return tl::unexpected(ending_of(blocks.error()));
  Record record;
  record.topic = path;
  record.timestamp = blocks->written();
  record.position.offset = number;
  for (;;) {
    const auto more = blocks->fill();
    if (!more) return tl::unexpected(ending_of(more.error()));
    if (!*more) break;
    std::string_view line;
    while (blocks->next(line)) {
      if (blocks->number() != number) continue;
      record.value = line;
      return record;
    }
  }
  return tl::unexpected(Ending{ExitCode::not_found, fmt::format("{} has {} lines; there is no line {}", path, blocks->number(), number), {}});
}

Ending explain(const Call& call, const Words& words) {
  if (call.format == Format::csv) return {ExitCode::usage, "an explanation is a tree; there is no CSV of it", "`-o json` gives it to programs"};
  if (words.event < 1) return {ExitCode::usage, "--event counts lines from 1", {}};
  const auto files = event_files({words.file});
  if (!files) return files.error();
  const auto rules = load_event_rules(call, words);
  if (!rules) return rules.error();
  const sigma::Rule* rule = find_rule(**rules, words.rule);
  if (rule == nullptr) return {ExitCode::not_found, fmt::format("no rule has the id or name `{}`", words.rule), near_names(**rules, words.rule)};
  auto mapper = mapper_of(words.mappings, (*rules)->fields());
  if (!mapper) return mapper.error();
  const auto record = read_line(words.file, words.event);
  if (!record) return record.error();
  std::vector<Event> events;
  ingest::DeadLetter dead;
  if (!mapper->map(*record, events, dead)) return {ExitCode::negative, fmt::format("{}:{}: {}: {}", words.file, words.event, dead.reason, dead.detail), {}};
  for (Event& event : events) {
    mapper->complete(event);   // So that people's clear identifiers are known, and hidden.
    const sigma::Explanation why = sigma::explain(**rules, *rule, event, words.routing);
    call.world.out << (call.format == Format::table ? sigma::to_text(why) : sigma::to_json(why) + "\n");
  }
  return {};
}

}  // namespace

void add_explain(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("explain", "why a rule says yes or no to an event: every question with the value that decided it")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("file", words->file, "an NDJSON file; - is standard input (the default)");
  sub->add_option("--rule", words->rule, "id or name of the rule")->required();
  sub->add_option("--event", words->event, "number of the line, from 1")->capture_default_str();
  add_event_options(*sub, *words);
  sub->callback([&call, words] { call.action = [&call, words] { return explain(call, *words); }; });
}

}  // namespace tocsin::cli
