// live_engine.h: rules that change while they run: what stayed the same stays compiled, what changed is compiled beside it.
#pragma once

#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {

/// A rule set over one or two engines. Immutable, any thread.
///
/// Compiling thousands of rules takes a good part of a second, one rule no time. So a set that follows another one keeps that
/// one's first engine for all detections whose fingerprint is the same, and compiles the rest into a second engine; what is
/// gone is still found by the first, and left out. Where too much has changed for that to pay, all is compiled anew.
class LiveEngine {
 public:
  static constexpr std::uint32_t kGone = std::numeric_limits<std::uint32_t>::max();
  /// No more than one in so many detections of the first engine stands in the second, or is gone.
  static constexpr std::size_t kSecondShare = 16;

  struct Layer {
    std::shared_ptr<const Engine> engine;
    std::vector<std::uint32_t> places;   ///< From a place in the engine's own rules to one in rules(); kGone. Empty: the same.
  };

  static std::shared_ptr<const LiveEngine> compile(std::shared_ptr<const RuleSet> rules);
  /// Both must have their fields from one RuleCache; else all is compiled anew.
  static std::shared_ptr<const LiveEngine> compile(std::shared_ptr<const RuleSet> rules, const LiveEngine& before);

  const std::shared_ptr<const RuleSet>& rules() const { return rules_; }
  std::span<const Layer> layers() const { return layers_; }
  /// Detections that this compile() had to look at.
  std::size_t compiled() const { return compiled_; }

 private:
  LiveEngine() = default;

  std::shared_ptr<const RuleSet> rules_;
  std::vector<Layer> layers_;
  std::size_t compiled_ = 0;
};

/// A Matcher over a LiveEngine. Used from one thread.
class LiveMatcher {
 public:
  explicit LiveMatcher(std::shared_ptr<const LiveEngine> engine, Matcher::Routing routing = Matcher::Routing::log_source);
  /// Compiles the rules for itself.
  explicit LiveMatcher(std::shared_ptr<const RuleSet> rules) : LiveMatcher(LiveEngine::compile(std::move(rules))) {}

  /// As Matcher::match(): places in rules(), ascending, valid until the next call.
  std::span<const std::uint32_t> match(const Event& event);
  const RuleSet& rules() const { return *engine_->rules(); }

 private:
  std::shared_ptr<const LiveEngine> engine_;
  std::vector<Matcher> matchers_;          ///< One a layer.
  std::vector<std::uint32_t> found_;
};

}  // namespace tocsin::sigma
