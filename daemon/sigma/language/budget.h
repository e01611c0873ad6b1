// budget.h: how much may be made of one rule, and of all rules of its file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "daemon/base/limits.h"

namespace tocsin::sigma {

/// What is left of one thing, twice: of the rule that is read, and of its file.
class Allowance {
 public:
  Allowance(std::size_t of_rule, std::size_t of_file) : of_rule_(of_rule), of_file_(of_file), rule_(of_rule), file_(of_file) {}

  /// False where so much is not left; then over() holds for the rest of the rule, and where it is the file that has no more,
  /// for what stands behind the rule as well: to find out how much each needs would be the work that is refused.
  bool take(std::size_t n) {
    over_ = over_ || n > left();
    if (n > file_) file_ = 0;
    if (over_) return false;
    rule_ -= n;
    file_ -= n;
    return true;
  }
  void end() { over_ = true; }
  void next_rule() {
    rule_ = of_rule_;
    over_ = false;
  }

  std::size_t left() const { return std::min(rule_, file_); }
  bool over() const { return over_; }
  /// Which of the two ends first, for the fault: `… of this rule … more than 100000`.
  std::size_t bound() const { return file_ < rule_ ? of_file_ : of_rule_; }
  std::string_view whose() const { return file_ < rule_ ? "all rules of this file" : "this rule"; }

 private:
  std::size_t of_rule_, of_file_, rule_, file_;
  bool over_ = false;
};

/// A few lines of YAML can stand for gigabytes of patterns, or days of looking up.
struct PatternBudget {
  Allowance patterns{limits::kRulePatternsMax, limits::kFilePatternsMax};
  Allowance bytes{limits::kRulePatternBytesMax, limits::kFilePatternBytesMax};
  Allowance regex_steps{limits::kRuleRegexStepsMax, limits::kFileRegexStepsMax};
  Allowance condition_parts{limits::kConditionPartsMax, limits::kFileConditionPartsMax};

  /// Nothing more is made of this rule's values.
  bool over() const { return patterns.over() || bytes.over(); }
  void next_rule() {
    for (Allowance* each : {&patterns, &bytes, &regex_steps, &condition_parts}) each->next_rule();
  }
};

}  // namespace tocsin::sigma
