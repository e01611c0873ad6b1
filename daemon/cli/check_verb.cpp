// check_verb.cpp: `tocsin check`: everything that `tocsin run` would read, without touching anything.
#include <CLI/CLI.hpp>

#include "daemon/cli/config.h"
#include "daemon/cli/content.h"
#include "daemon/cli/verbs.h"

namespace tocsin::cli {
namespace {

Ending check(const Call& call, const std::vector<std::string>& rules) {
  const std::string path = call.config_path();
  if (path.empty() && rules.empty()) return {ExitCode::usage, "nothing to check", "say --config FILE or --rules PATH"};
  std::string faults;
  const auto failed = [&](const Error& error) { faults += (faults.empty() ? "" : "\n") + error.text; };
  std::vector<std::string> paths = rules, laws;
  std::string checked;
  if (!path.empty()) {
    auto config = load_config(path, call.world.environment);
    if (!config) {
      failed(config.error());
    } else {
      if (paths.empty()) paths.assign(config->rules().begin(), config->rules().end());
      laws.assign(config->jurisdictions().begin(), config->jurisdictions().end());
    }
    checked = path + ", ";
  }
  auto pack = find_pack(paths, installed_pack());
  if (!pack) {
    failed(pack.error());
  } else if (auto content = load_content(*pack, laws); !content) {
    failed(content.error());
  } else {
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
  auto rules = std::make_shared<std::vector<std::string>>();
  sub->add_option("--rules", *rules, "a pack, a folder of rules or a file; repeats (else what the configuration says)");
  sub->callback([&call, rules] { call.action = [&call, rules] { return check(call, *rules); }; });
}

}  // namespace tocsin::cli
