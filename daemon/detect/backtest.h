// backtest.h: what a rule set finds in files, counted per rule, and how that differs from another version of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/detect/bucket_alerts.h"
#include "daemon/ingest/mapper.h"
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::detect {

/// A place in the input: file and line, from 1.
struct InputLine {
  std::string file;
  std::int64_t line = 0;
};

/// One rule over all the input. Times are those of the events; Instant{} where none had one.
struct RuleCount {
  std::int64_t events = 0;   ///< That a detection matched.
  std::int64_t alerts = 0;   ///< Of a correlation: groups and buckets.
  Instant first{}, last{};
};

struct RuleDifference {
  enum class Kind : std::uint8_t { same, changed, added, removed };   ///< Of the rule's text: what decides answers.
  Kind kind = Kind::same;
  RuleCount before;
  std::int64_t gained = 0, lost = 0;               ///< Events that only the new version matches, or only the old.
  std::vector<InputLine> gained_at, lost_at;       ///< The first of them.
};

/// One side of a comparison.
struct Version {
  std::shared_ptr<const sigma::RuleSet> rules;
  ingest::Mapper* mapper = nullptr;                ///< Over the rules' fields; outlives the backtest.
};

/// Used from one thread.
class Backtest {
 public:
  static constexpr std::size_t kExamples = 3;
  struct Progress {
    std::int64_t bytes = 0, of = 0;                ///< Of this file; `of` is 0 where nobody knows.
    std::int64_t events = 0;
  };
  using Tell = std::function<void(const Progress&)>;

  Backtest(Version version, std::optional<Version> against, sigma::Matcher::Routing routing, Tell tell);
  Backtest(const Backtest&) = delete;              ///< Its parts point at one another.
  Backtest& operator=(const Backtest&) = delete;

  Result<void> read(const std::string& path);
  void close();

  std::int64_t events() const { return events_; }
  std::int64_t dead() const { return dead_; }
  /// What correlations did not count, of both versions: events without a time, and what was too much for them.
  struct Unsaid {
    std::int64_t timeless = 0, given_up = 0;
  };
  Unsaid unsaid() const;
  /// Per rule of the version, in its order.
  const std::vector<RuleCount>& counts() const { return now_.counts; }
  /// In the same order; then the rules that only the other version has. Empty without one.
  struct Compared {
    const sigma::Rule* rule = nullptr;             ///< Of the version that has it, the new one first.
    RuleCount now;
    RuleDifference difference;
  };
  std::vector<Compared> compare() const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Side {
    Side(const Version& version, sigma::Matcher::Routing routing);
    /// False where the record gives no event.
    bool map(const Record& record, ingest::DeadLetter& dead) { return mapper.map(record, events, dead); }
    std::span<const std::uint32_t> match(std::size_t event, std::int64_t line);

    std::shared_ptr<const sigma::RuleSet> rules;
    sigma::Matcher matcher;
    ingest::Mapper& mapper;
    std::vector<Event> events;
    std::vector<RuleCount> counts;
    std::vector<std::int64_t> stamps;              ///< Per rule: number of the event that it matched last.
    std::vector<std::uint32_t> twin;               ///< Per rule: its place in the other version, or kNone.
    std::unordered_map<std::string, std::size_t> places;   ///< Of rules, by id.
    std::int64_t too_many = 0;                     ///< Events whose groups and values no frame holds.
    BucketAlerts alerts;
  };

  void take(const std::string& path, std::int64_t line);
  void differ(std::span<const std::uint32_t> now, std::span<const std::uint32_t> before, const std::string& path, std::int64_t line);

  Side now_;
  std::unique_ptr<Side> before_;
  std::vector<RuleDifference> differences_;        ///< Per rule of the version.
  Tell tell_;
  Record record_;
  std::int64_t events_ = 0, dead_ = 0;
};

}  // namespace tocsin::detect
