// threshold.h: what a correlation compares its count with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sigma/language/predicate.h"

namespace tocsin::sigma {

/// `gte: 50`, or a range such as `gt: 100` with `lte: 200`: all must hold.
class Threshold {
 public:
  void add(Operator op, std::int64_t than) { parts_.emplace_back(op, than); }
  bool empty() const { return parts_.empty(); }

  bool holds(std::int64_t count) const;
  /// Once true it stays true while the count grows, so it may be said at once; the others wait for the watermark.
  bool monotone() const;
  /// The least count that may hold; smaller counts need no look.
  std::int64_t least() const;
  std::int64_t number() const { return parts_.empty() ? 0 : parts_.front().second; }
  std::string text() const;  ///< `threshold 50`, `threshold more than 100 and at most 200`.

 private:
  std::vector<std::pair<Operator, std::int64_t>> parts_;
};

}  // namespace tocsin::sigma
