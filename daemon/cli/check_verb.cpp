// check_verb.cpp: `tocsin check`: everything that `tocsin run` would read, without touching anything.
#include <CLI/CLI.hpp>

#include "daemon/cli/config.h"
#include "daemon/cli/content.h"
#include "daemon/cli/rule_words.h"
#include "daemon/cli/verbs.h"

namespace tocsin::cli {
namespace {

Ending check(const Call& call, const RuleWords& words) {
  const std::vector<std::string>& rules = words.paths;
  const std::string path = call.config_path();
  if (path.empty() && rules.empty()) return {ExitCode::usage, "nothing to check", "say --config FILE or --rules PATH"};
  std::string faults;
  const auto failed = [&](const Error& error) { faults += (faults.empty() ? "" : "\n") + error.text; };
  std::vector<std::string> paths = rules, laws;
  std::vector<std::string> placeholders = words.placeholders;
  bool lenient = words.lenient;
  std::string checked;
  if (!path.empty()) {
    auto config = load_config(path, call.world.environment);
    if (!config) {
      failed(config.error());
    } else {
      if (paths.empty()) paths.assign(config->rules().begin(), config->rules().end());
      laws.assign(config->jurisdictions().begin(), config->jurisdictions().end());
      placeholders.insert(placeholders.end(), config->placeholders().begin(), config->placeholders().end());
      lenient = lenient || config->lenient_rules();
    }
    checked = path + ", ";
  }
  auto pack = find_pack(paths, installed_pack());
  if (pack) pack->placeholders.insert(pack->placeholders.end(), placeholders.begin(), placeholders.end());
  if (!pack) {
    failed(pack.error());
  } else if (auto content = load_content(*pack, laws, lenient); !content) {
    failed(content.error());
  } else {
    print_rejected(call, content->rejected);
    checked += fmt::format("{} rules, {} mappings, {} jurisdictions, playbook {}", content->rules->rules().size(), content->mappings.size(),
                           content->jurisdictions.size(), pack->playbook);
  }
  if (!faults.empty()) return {ExitCode::configuration, faults, {}};
  if (call.format == Format::table) call.world.out << "good: " << checked << "\n";
  return {};
}

}  // namespace

void add_check(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("check", "configuration, rules, mappings and playbook: every mistake at once, with its place")->fallthrough();
  auto words = std::make_shared<RuleWords>();
  add_rule_words(*sub, *words, "what the configuration says");
  sub->add_flag("--lenient", words->lenient, "a wrong rule is named and left out, as with `lenient_rules` of the configuration");
  sub->callback([&call, words] { call.action = [&call, words] { return check(call, *words); }; });
}

}  // namespace tocsin::cli
