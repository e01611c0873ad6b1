// threshold.h: what a correlation compares its count with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/sigma/language/predicate.h"

namespace tocsin::sigma {

/// `gte: 50`, or a range such as `gt: 100` with `lte: 200`: all must hold.
class Threshold {
 public:
  void add(Operator op, double than, std::string token);
  void add(Operator op, std::int64_t than) { add(op, static_cast<double>(than), std::to_string(than)); }
  bool empty() const { return parts_.empty(); }

  bool holds(double value) const;
  bool holds(std::int64_t count) const { return holds(static_cast<double>(count)); }
  /// Is there a number that holds? With `whole`, a whole number from `from` to `to`.
  bool possible(bool whole, double from, double to) const;
  /// Once true it stays true while the count grows, so it may be said at once; the others wait for the watermark.
  bool monotone() const;
  /// The least count that may hold; smaller counts need no look.
  std::int64_t least() const;
  /// What an alert shows as its threshold, rounded where it has a fraction.
  std::int64_t number() const;
  std::string text() const;  ///< `threshold 50`, `threshold more than 100 and at most 200`.

  struct Part {
    Operator op;
    double than;
    std::string token;       ///< As written.
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

}  // namespace tocsin::sigma
