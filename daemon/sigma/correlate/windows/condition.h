// condition.h: what a correlation asks of its count or value.
#pragma once

#include <vector>

#include "daemon/sigma/correlate/windows/exact.h"

namespace tocsin::sigma::windows {

enum class Compare : std::uint8_t { eq, gt, gte, lt, lte, neq };

struct Bound {
  Compare how = Compare::gte;
  Int128 than = 0;  ///< Billionths: `gte: 4` is 4 × kStep.

  bool holds(const Value& value) const {
    const Int128 right = value.parts == 1 ? than : than * value.parts;
    switch (how) {
      case Compare::eq: return value.steps == right;
      case Compare::gt: return value.steps > right;
      case Compare::gte: return value.steps >= right;
      case Compare::lt: return value.steps < right;
      case Compare::lte: return value.steps <= right;
      case Compare::neq: return value.steps != right;
    }
    return false;
  }
};

/// All bounds must hold: two make a range.
struct Condition {
  std::vector<Bound> bounds;

  bool holds(const Value& value) const {
    for (const Bound& bound : bounds)
      if (!bound.holds(value)) return false;
    return true;
  }
  /// Once it holds it goes on holding while the value grows.
  bool only_grows() const {
    for (const Bound& bound : bounds)
      if (bound.how != Compare::gt && bound.how != Compare::gte) return false;
    return true;
  }
};

}  // namespace tocsin::sigma::windows
