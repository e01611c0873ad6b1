// rule_words.cpp: the flags of rule loading.
#include "daemon/cli/rule_words.h"

#include <CLI/CLI.hpp>

#include "daemon/base/json.h"

namespace tocsin::cli {

void add_rule_words(CLI::App& sub, RuleWords& words, const std::string& otherwise) {
  sub.add_option("--rules", words.paths, "a pack, a folder of rules or a file; repeats (else " + otherwise + ")")->allow_extra_args(false);
  sub.add_option("--placeholders", words.placeholders, "values of `%name%` for rules with `expand`: NAME.txt, a YAML map, or a folder of these; repeats")
      ->allow_extra_args(false);
}

void add_strict(CLI::App& sub, RuleWords& words) { sub.add_flag("--strict", words.strict, "one wrong rule is an error (else it is named and left out)"); }

Result<sigma::RuleSettings> rule_settings(const RuleWords& words, std::vector<std::string> placeholders) {
  sigma::RuleSettings out;
  out.strict = words.strict;
  placeholders.insert(placeholders.end(), words.placeholders.begin(), words.placeholders.end());
  TOCSIN_ASSIGN(out.placeholders, sigma::load_placeholders(placeholders));
  return out;
}

void print_rejected(const Call& call, std::span<const sigma::Rejected> rejected) {
  std::ostream& err = call.world.err;
  if (call.format == Format::json || call.format == Format::ndjson) {
    for (const sigma::Rejected& each : rejected) {
      err << fmt::format(R"({{"rejected":"{}","title":"{}","file":"{}","line":{},"faults":[)", json_escaped(each.id), json_escaped(each.title), json_escaped(each.file), each.line);
      for (std::size_t i = 0; i < each.faults.size(); ++i) err << fmt::format("{}\"{}\"", i == 0 ? "" : ",", json_escaped(each.faults[i]));
      err << "]}\n";
    }
    return;
  }
  if (rejected.empty()) return;
  err << sigma::faults_of(rejected) << fmt::format("\n{} documents are left out\n", rejected.size());
}

std::string kind_of(const sigma::Rule& rule) {
  if (const auto* correlation = rule.correlation()) return std::string(correlation->type->name);
  return rule.alerts() ? "event" : "base";
}

}  // namespace tocsin::cli
