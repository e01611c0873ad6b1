// rule_yaml.cpp: any text as a rule file.
#include "daemon/base/promise.h"
#include "daemon/sigma/engine/matcher.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {

void rule_yaml(std::string_view bytes) {
  auto file = yaml::parse("r.yml", std::string(bytes));
  if (!file) {
    TOCSIN_ASSERT(file.error().text.starts_with("r.yml"));   // Every fault has its place.
    return;
  }
  auto read = sigma::RuleSet::read({*file});
  if (!read) {
    TOCSIN_ASSERT(!read.error().text.empty());
    return;
  }
  const auto rules = std::make_shared<const sigma::RuleSet>(std::move(*read));
  sigma::Matcher matcher(rules, sigma::Matcher::Routing::off);
  Event event;
  event.clear(rules->fields().size());
  for (FieldTable::Slot slot = 0; slot < rules->fields().size(); ++slot) {
    event.add(slot, slot % 3 == 0 ? ValueType::number : ValueType::text, slot % 3 == 0 ? "4688" : "C:\\Windows\\cmd.exe /c whoami");
  }
  for (const std::uint32_t found : matcher.match(event)) TOCSIN_ASSERT(rules->rules()[found].detection() != nullptr);
  event.clear(rules->fields().size());   // Nothing is there: null and exists have their say.
  matcher.match(event);
}

}  // namespace tocsin::fuzz
