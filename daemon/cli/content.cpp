// content.cpp: loads everything, so that one check shows everything that is wrong.
#include "daemon/cli/content.h"

#include "daemon/casebook/plan.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/mapping.h"
#include "daemon/law/jurisdiction.h"

namespace tocsin::cli {

Result<Content> load_content(const RulePack& pack, const std::vector<std::string>& jurisdictions, bool lenient) {
  Content out;
  std::string faults;
  const auto failed = [&](const Error& error) { faults += (faults.empty() ? "" : "\n") + error.text; };

  auto playbook = casebook::load_playbook(pack.playbook);
  playbook ? out.playbook = std::move(*playbook) : (failed(playbook.error()), v1::Playbook());
  auto mappings = ingest::load_mappings(pack.mappings);
  mappings ? out.mappings = std::move(*mappings) : (failed(mappings.error()), std::vector<v1::Mapping>());

  sigma::RuleSettings settings;
  if (!out.playbook.incident().group_by().empty()) settings.group_field = out.playbook.incident().group_by(0);
  settings.strict = !lenient;
  auto placeholders = sigma::load_placeholders(pack.placeholders);
  placeholders ? settings.placeholders = std::move(*placeholders) : (failed(placeholders.error()), sigma::Placeholders());
  auto rules = sigma::load_rules(pack.detections, settings);
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
