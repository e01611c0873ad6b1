// content.h: the rules, mappings and playbook of a pack, loaded.
#pragma once

#include <memory>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/cli/rule_pack.h"
#include "daemon/sigma/rule_files.h"
#include "daemon/sigma/rule_set.h"
#include "tocsin/v1/jurisdiction.pb.h"
#include "tocsin/v1/mapping.pb.h"
#include "tocsin/v1/playbook.pb.h"

namespace tocsin::cli {

struct Content {
  v1::Playbook playbook;
  std::vector<v1::Mapping> mappings;
  std::shared_ptr<const sigma::RuleSet> rules;
  std::vector<sigma::Rejected> rejected;         ///< Rules that were left out; empty unless `lenient`.
  std::vector<v1::Jurisdiction> jurisdictions;   ///< Those asked for.
};

/// bad_input holds the faults of all files, not only of the first that is wrong. With `lenient` a wrong rule is left out;
/// everything else must be right.
Result<Content> load_content(const RulePack& pack, const std::vector<std::string>& jurisdictions = {}, bool lenient = false);
/// The same, for whoever will load the rules again.
Result<Content> load_content(const RulePack& pack, const std::vector<std::string>& jurisdictions, bool lenient, sigma::RuleCache& cache);

/// The rules alone, as they lie there now, under a playbook that stays.
Result<sigma::Loaded> load_rules(const RulePack& pack, const v1::Playbook& playbook, bool lenient, sigma::RuleCache& cache);

}  // namespace tocsin::cli
