// stream.h: correlations answered at each event, as it arrives: for files and pipes, where no alert is stored.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/sigma/correlate/key_hash.h"
#include "daemon/sigma/correlate/windows/counters.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

struct StreamSettings {
  Microseconds lateness{};   ///< What is older than the newest event by more counts nowhere.
  std::uint64_t seed = 0;    ///< Secret: see KeyHash.
};

/// A correlation holds at an event. The views live until the next one.
struct StreamHit {
  std::uint32_t rule = 0;                        ///< Place of the correlation in rules().
  std::int64_t time = 0;                         ///< Of the event, microseconds.
  std::span<const std::string_view> group;       ///< In the order of its group-by.
  const windows::Value& value;                   ///< Count, number of rules, or aggregate.
};

/// Used from one thread. Answers depend on the order of arrival; alerts that must not are the fold's.
class Stream {
 public:
  using Give = std::function<void(const StreamHit&)>;

  Stream(std::shared_ptr<const RuleSet> rules, const StreamSettings& settings);

  /// Does some correlation count this rule?
  bool feeds(std::uint32_t rule) const { return !links_[rule].empty(); }
  /// Some correlation asks for the hashes of people: events must bring them.
  bool names_people() const { return names_people_; }
  /// What the matcher found for an event that says when it happened. Each correlation that holds is given once a group; one on
  /// top of another sees it where that holds. False where a correlation could not count it, since it has more groups or values than
  /// an event may have people.
  bool take(const Event& event, std::span<const std::uint32_t> found, const Give& give);
  /// Sums over all correlations: what came too late, and what was given up for want of memory.
  windows::CounterCounts counts() const;

 private:
  /// A correlation seen from one of its bases, aliases resolved.
  struct Link {
    std::uint32_t rule = 0, counter = 0;
    windows::Kind kind{};
    std::uint8_t base = 0;
    std::uint32_t grouping = 0;                         ///< Place in groupings_.
    std::vector<std::string> group, counted;            ///< Names of fields.
    std::vector<FieldTable::Slot> group_slots, counted_slots;
  };
  using Views = std::vector<std::string_view>;
  /// The group-by of one link or several: most events have one group by it, which is looked up once for all.
  struct Grouping {
    std::vector<FieldTable::Slot> slots;
    std::uint64_t event = 0;      ///< Number of the event that the rest is of.
    bool single = false;          ///< One value of each field, and they are these.
    Views values;
    windows::Key key;
  };
  struct Source;   // What a base offers: the event's values, or the group of the correlation below.
  struct Group {
    std::span<const std::string_view> values;
    windows::Key key;
  };
  /// Memory of one level of chaining, kept from event to event.
  struct Scratch {
    std::vector<Views> group_choices, counted_choices;
    Views group, counted;
  };

  void link_base(const Correlation& correlation, std::size_t base, Link link);
  const Grouping& grouping_of(const Link& link, const Event& event);
  void count(const Link& link, const Source& source, const Give& give, std::size_t depth);
  void count_group(const Link& link, const Source& source, const Group& group, const Give& give, std::size_t depth);
  void count_values(const Link& link, const Source& source, windows::Hit hit, const windows::Key& key, Scratch& scratch, windows::Answer& last);
  void tell(const Link& link, const Source& source, const Group& group, const windows::Answer& answer, const Give& give, std::size_t depth);
  windows::Key key_of(std::span<const std::string_view> values) const;

  std::shared_ptr<const RuleSet> rules_;
  KeyHash hash_;                            ///< Of nothing yet.
  std::vector<std::vector<Link>> links_;    ///< Per rule.
  std::vector<Grouping> groupings_;
  std::unique_ptr<windows::Counters> counters_;
  std::size_t correlations_ = 0;            ///< Counters.
  std::vector<Scratch> scratch_;
  std::vector<std::string> refs_;           ///< Of the event's people, as hex, where a correlation names them.
  bool names_people_ = false;
  bool whole_ = true;                       ///< Everything of the event was counted.
  std::uint64_t events_ = 0;
};

}  // namespace tocsin::sigma
