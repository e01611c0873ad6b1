// matcher.h: which detections say yes to an event.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "daemon/sigma/engine/routes.h"

namespace tocsin::sigma {

/// Used from one thread: it keeps the memory of the last event, so that in steady state an event allocates nothing.
class Matcher {
 public:
  enum class Routing : std::uint8_t {
    log_source,  ///< A rule looks only at events that its log source names.
    off,         ///< Every rule looks at every event.
  };

  explicit Matcher(std::shared_ptr<const Engine> engine, Routing routing = Routing::log_source);
  /// Compiles the rules for itself; where several threads match, compile once and share.
  explicit Matcher(std::shared_ptr<const RuleSet> rules, Routing routing = Routing::log_source);

  /// Places in rules() of the detections that hold, ascending. Valid until the next call.
  std::span<const std::uint32_t> match(const Event& event);

  const RuleSet& rules() const { return engine_->rules(); }
  /// Rules that were asked in full about the last event.
  std::span<const std::uint32_t> candidates() const { return candidates_; }
  /// Rules that were asked in full so far: the price of an event beyond the index.
  std::uint64_t asked() const { return asked_; }

 private:
  std::shared_ptr<const Engine> engine_;
  Routing routing_;
  Routes routes_;
  LookMemory look_;
  EventMemory memory_;
  std::vector<std::uint32_t> named_, candidates_, found_, stamps_;
  std::string joined_;
  std::uint32_t stamp_ = 0;
  std::uint64_t asked_ = 0;
};

}  // namespace tocsin::sigma
