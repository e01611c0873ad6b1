// matcher.h: which detections say yes to an event.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

/// Used from one thread: it keeps the memory of the last event, so that in steady state an event allocates nothing.
class Matcher {
 public:
  enum class Routing : std::uint8_t {
    log_source,  ///< A rule looks only at events that its log source names.
    off,         ///< Every rule looks at every event.
  };

  explicit Matcher(std::shared_ptr<const RuleSet> rules, Routing routing = Routing::log_source);

  /// Places in rules() of the detections that hold, ascending. Valid until the next call.
  std::span<const std::uint32_t> match(const Event& event);

  const RuleSet& rules() const { return *rules_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  Routing routing_;
  std::vector<std::uint32_t> found_;
};

}  // namespace tocsin::sigma
