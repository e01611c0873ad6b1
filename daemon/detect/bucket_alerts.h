// bucket_alerts.h: the alerts of correlations over files that end, through the fold itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/model/event.h"
#include "daemon/sigma/correlate/fold.h"

namespace tocsin::detect {

/// One alert per group and bucket, with its final numbers. Used from one thread.
class BucketAlerts {
 public:
  using Give = std::function<void(const v1::Alert& alert)>;

  /// Without `lateness` no event comes too late and everything is kept until close().
  BucketAlerts(std::shared_ptr<const sigma::RuleSet> rules, std::optional<Microseconds> lateness, Give give);

  /// No correlation in the rule set: nothing to do at all.
  bool idle() const { return idle_; }
  /// What the matcher found for the event that stands at `offset`. False where its matches are over the limit of one frame.
  bool take(const Event& event, std::span<const std::uint32_t> found, std::int64_t offset);
  /// Events that a correlation would have counted, had they said when they happened.
  std::int64_t timeless() const { return timeless_; }
  /// Events behind the lateness, which no correlation counted.
  std::int64_t late() const { return late_; }
  /// Matches that the fold let go of at a memory limit: counts may be too small.
  std::int64_t dropped() const;
  /// Nothing more comes: gives the rest, by time, rule and group.
  void close();

 private:
  void keep(Effects&& effects, bool closing);

  std::shared_ptr<const sigma::RuleSet> rules_;
  std::optional<Microseconds> lateness_;
  Give give_;
  sigma::Fold fold_;
  bool idle_ = true;
  std::vector<bool> feeds_;             ///< Per rule: some correlation counts it.
  std::vector<std::uint32_t> bases_;
  std::vector<v1::RuleMatch> matches_;
  std::int64_t timeless_ = 0, late_ = 0;
  std::int64_t newest_ = 0, told_ = 0;  ///< Event times: seen, and told to the fold.
  std::map<std::string, v1::Alert> open_;   ///< By id.
};

}  // namespace tocsin::detect
