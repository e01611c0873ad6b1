// content.cpp: loads everything, so that one check shows everything that is wrong.
#include "daemon/cli/content.h"

#include "daemon/casebook/plan.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/mapping.h"
#include "daemon/law/jurisdiction.h"

namespace tocsin::cli {

Result<sigma::Loaded> load_rules(const RulePack& pack, const v1::Playbook& playbook, bool lenient, sigma::RuleCache& cache) {
  sigma::RuleSettings settings;
  if (!playbook.incident().group_by().empty()) settings.group_field = playbook.incident().group_by(0);
  settings.strict = !lenient;
  auto placeholders = sigma::load_placeholders(pack.placeholders);
  if (placeholders) settings.placeholders = std::move(*placeholders);
  auto rules = sigma::load_rules(pack.detections, settings, cache);
  if (placeholders) return rules;
  return bad_input(placeholders.error().text + (rules ? "" : "\n" + rules.error().text));
}

Result<Content> load_content(const RulePack& pack, const std::vector<std::string>& jurisdictions, bool lenient) {
  sigma::RuleCache cache;
  return load_content(pack, jurisdictions, lenient, cache);
}

Result<Content> load_content(const RulePack& pack, const std::vector<std::string>& jurisdictions, bool lenient, sigma::RuleCache& cache) {
  Content out;
  std::string faults;
  const auto failed = [&](const Error& error) { faults += (faults.empty() ? "" : "\n") + error.text; };

  auto playbook = casebook::load_playbook(pack.playbook);
  playbook ? out.playbook = std::move(*playbook) : (failed(playbook.error()), v1::Playbook());
  auto mappings = ingest::load_mappings(pack.mappings);
  mappings ? out.mappings = std::move(*mappings) : (failed(mappings.error()), std::vector<v1::Mapping>());

  auto rules = load_rules(pack, out.playbook, lenient, cache);
  if (rules) {
    out.rules = std::make_shared<const sigma::RuleSet>(std::move(rules->rules));
    out.rejected = std::move(rules->rejected);
    for (const v1::Mapping& mapping : out.mappings) {
      if (auto compiled = ingest::Mapping::compile(mapping, out.rules->fields()); !compiled) failed(compiled.error());
    }
  } else {
    failed(rules.error());
  }
  if (!jurisdictions.empty() && pack.jurisdictions.empty()) {
    failed({ErrorKind::bad_input, "`jurisdictions:` names laws, but the rules bring no folder `jurisdictions`"});
  } else if (auto laws = law::load_jurisdictions(pack.jurisdictions, jurisdictions); laws) {
    out.jurisdictions = std::move(*laws);
  } else {
    failed(laws.error());
  }
  if (!faults.empty()) return bad_input(faults);
  return out;
}

}  // namespace tocsin::cli
