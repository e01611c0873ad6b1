// condition.h: the condition of a detection as a tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sigma/language/budget.h"
#include "daemon/sigma/language/faults.h"

namespace tocsin::sigma {

/// `selection` leaves hold the index of the selection. `1 of x*` has become an `any` of its selections, `all of x*` an `all`.
struct Condition {
  enum class Kind : std::uint8_t { selection, all, any, no };
  Kind kind = Kind::selection;
  std::size_t selection = 0;
  std::vector<Condition> parts;
};

/// Is it true where exactly these selections are? Bit i stands for selection i, below 64.
bool holds(const Condition& condition, std::uint64_t present);

/// Reads one condition. Precedence from weak to strong: or, and, not, `x of`, parentheses; words in any case. `them` and
/// patterns leave out names that begin with `_`, unless the pattern does too. `parts` is how many names the conditions of this
/// rule, and of its file, may still mention. Faults go to `faults`.
Condition parse_condition(const yaml::File& file, const yaml::Node& text, const std::vector<std::string>& selections,
                          Allowance& parts, Faults& faults);

}  // namespace tocsin::sigma
