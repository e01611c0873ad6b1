// rules_verb.cpp: `tocsin rules list` and `reload`, and the door to `tocsin rules lint`.
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "daemon/base/json.h"
#include "daemon/cli/client.h"
#include "daemon/cli/config.h"
#include "daemon/cli/content.h"
#include "daemon/cli/rule_words.h"
#include "daemon/cli/rules_lint.h"
#include "daemon/cli/verbs.h"

namespace tocsin::cli {
namespace {

Ending list(const Call& call, RuleWords words) {
  if (const std::string config = call.config_path(); words.paths.empty() && !config.empty()) {
    auto loaded = load_config(config, call.world.environment);
    if (!loaded) return ending_of(loaded.error());
    words.paths.assign(loaded->rules().begin(), loaded->rules().end());
    words.placeholders.insert(words.placeholders.end(), loaded->placeholders().begin(), loaded->placeholders().end());
  }
  auto pack = find_pack(words.paths, installed_pack());
  if (!pack) return ending_of(pack.error());
  const auto settings = rule_settings(words, pack->placeholders);
  if (!settings) return ending_of(settings.error());
  auto loaded = sigma::load_rules(pack->detections, *settings);
  if (!loaded) return ending_of(loaded.error());
  print_rejected(call, loaded->rejected);
  const sigma::RuleSet* rules = &loaded->rules;
  const std::vector<std::string> header = {"id", "level", "kind", "title", "title_zh", "tests", "file"};
  Rows rows;
  for (const sigma::Rule& rule : rules->rules()) {
    rows.push_back({rule.id, rule.level, kind_of(rule), rule.title, rule.title_zh, std::to_string(rule.tests.size()), rule.file});
  }
  Output output = call.output();
  if (output.format == Format::csv) print_csv(output, header, rows);
  if (output.format == Format::table) print_table(output, header, rows);
  if (output.format == Format::csv || output.format == Format::table) return {};
  const bool whole = output.format == Format::json;
  output.out << (whole ? "{\n \"rules\": [\n" : "");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    output.out << (whole ? "  {" : "{");
    for (std::size_t j = 0; j < header.size(); ++j) output.out << fmt::format("{}\"{}\":\"{}\"", j == 0 ? "" : ",", header[j], json_escaped(rows[i][j]));
    output.out << (whole && i + 1 < rows.size() ? "},\n" : "}\n");
  }
  output.out << (whole ? " ]\n}\n" : "");
  return {};
}

Ending reload(const Call& call) {
  Ending ending = ask<v1::ReloadRulesResponse>(call, "ReloadRules", v1::ReloadRulesRequest{}, [&](const v1::ReloadRulesResponse& answer) -> Ending {
    Output output = call.output();
    const auto ids = [](const auto& list) { return list.empty() ? std::string("none") : fmt::format("{}: {}", list.size(), fmt::join(list, " ")); };
    print_facts(output, answer, {{"rules", fmt::format("{} ({})", answer.rules(), answer.ruleset().substr(0, 12))},
                                 {"added", ids(answer.added())},
                                 {"changed", ids(answer.changed())},
                                 {"removed", ids(answer.removed())},
                                 {"left out", std::to_string(answer.rejected_size())},
                                 {"compiled", std::to_string(answer.compiled())},
                                 {"seconds", fmt::format("{:.3f}", answer.seconds())}});
    for (const v1::RejectedRule& each : answer.rejected()) {
      for (const std::string& fault : each.faults()) output.err << fault << '\n';
    }
    return {};
  });
  // There are no words in this request that could be wrong: what is bad is the rules.
  if (ending.code == ExitCode::usage) ending.code = ExitCode::configuration;
  return ending;
}

}  // namespace

void add_rules(CLI::App& app, Call& call) {
  CLI::App* rules = app.add_subcommand("rules", "what is looked for");
  rules->require_subcommand(1)->fallthrough();
  add_rules_lint(*rules, call);
  CLI::App* again = rules->add_subcommand("reload", "the running daemon reads its rules and placeholders again; all or none are taken")->fallthrough();
  again->callback([&call] { call.action = [&call] { return reload(call); }; });
  CLI::App* sub = rules->add_subcommand("list", "every rule: level, kind, title, tests, file")->fallthrough();
  auto words = std::make_shared<RuleWords>();
  add_rule_words(*sub, *words, "the configuration's, else the installed pack");
  add_strict(*sub, *words);
  sub->callback([&call, words] { call.action = [&call, words] { return list(call, *words); }; });
}

}  // namespace tocsin::cli
