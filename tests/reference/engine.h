// engine.h: the engine under test, asked the same questions as the reference. Only tests include it.
#pragma once

#include "daemon/sigma/test_rules.h"
#include "tests/reference/event.h"

namespace tocsin::reference {

inline void fill(const sigma::RuleSet& rules, const Event& from, tocsin::Event& out) {
  out.clear(rules.fields().size());
  out.keep_log_source({from.product, from.category, from.service});
  out.id = identity({"event", from.id});
  out.time = instant_of(from.time);
  for (const auto& [name, values] : from.fields) {
    const FieldTable::Slot slot = rules.fields().find(name);
    for (const Value& value : values) {
      const auto type = static_cast<ValueType>(value.kind);
      if (type == ValueType::text && rules.fields().wants_all) out.add_copy(FieldTable::kAll, type, value.text);
      if (slot != FieldTable::kAll) out.add_copy(slot, type, value.text);
    }
    if (slot != FieldTable::kAll) out.mark_present(slot);
  }
}

static_assert(static_cast<int>(ValueType::null) == static_cast<int>(Value::Kind::null) &&
              static_cast<int>(ValueType::boolean) == static_cast<int>(Value::Kind::boolean) &&
              static_cast<int>(ValueType::number) == static_cast<int>(Value::Kind::number) &&
              static_cast<int>(ValueType::text) == static_cast<int>(Value::Kind::text));

}  // namespace tocsin::reference
