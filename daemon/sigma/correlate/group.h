// group.h: the state of one correlation for one group, and the pure rules by which it grows, fires and forgets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sigma/correlate/learnt.h"
#include "daemon/sigma/correlate/measure.h"
#include "daemon/sigma/correlate/touch.h"
#include "daemon/sigma/correlate/windows/any_window.h"

namespace tocsin::sigma {

/// An alert whose numbers may still change. Settled numbers stand here; those of events that are still in the window are
/// measured anew each time they are asked for.
struct Bucket {
  std::int64_t start = 0;
  std::int64_t triggered_at = 0;
  std::int64_t first_event = 0;
  std::int64_t told_from = kNever;    ///< The first_event that was last given.
  std::int64_t collected_to = kEver;  ///< Before this moment, the members below hold all there is.
  std::int64_t last_event = kEver;
  windows::Value value;
  std::vector<Touch> evidence;
  std::vector<std::string> categories;
  std::int64_t shown = 0;             ///< Matches when the alert was last given,
  std::int64_t grown = 0;             ///< and since then.
  bool stale = false;                 ///< It holds earlier than was given.
  std::string why;                    ///< Of an extension: the finding in words.
};

/// Of a group that has alerted.
struct Fired {
  std::int64_t armed_from = kNever;   ///< Earliest first_event of any alert given: from here on, people are affected.
  std::vector<std::int64_t> given;    ///< Starts of the buckets that have an alert, sorted; as long as a straggler may ask.
  std::vector<Bucket> open;
};

struct Group {
  explicit Group(windows::Kind kind) : window(kind) {}

  windows::AnyWindow window;
  Touches touches;
  std::unique_ptr<Fired> fired;
  std::unique_ptr<Learnt> learnt;     ///< Of an extension, which has no window.
  std::int64_t settled_to = kEver;    ///< Everything before this moment is final and has been looked at.
  std::int64_t scheduled = kNever;    ///< Fold's own: when the watermark must look here.
  std::int64_t dropped = 0;           ///< Matches that the limit of one group has cost.
};

/// How much memory it takes: matches, with what the window or the learning holds of each, and what is known beside them.
std::size_t weight(const Group& group);

/// What calls cause: effects, and for the correlations that stand on this one, its people and its final alerts.
struct Outcome {
  Effects& effects;
  std::vector<Touch> people;          ///< `counts` is false.
  std::vector<Touch> finals;          ///< At their triggered_at, under the id of the alert.
};

struct Arrival {
  Touch touch;
  std::vector<windows::Hit> hits;     ///< Empty: it does not count.
  std::string peers;                  ///< With whom a baseline compares.
};

/// How a correlation stands among the others.
struct Standing {
  bool chained = false;               ///< Others stand on it.
  std::int64_t reach = 0;             ///< How long before its own time an alert below may have begun, in microseconds.
  std::size_t entries_max = 0;        ///< Of one group.
};

/// The rules of one correlation over any of its groups, which are given with their text. Pure: the same calls give the same
/// effects.
class GroupFold {
 public:
  GroupFold(const Rule& rule, const std::string& tenant, Standing standing);

  Group fresh_group(std::int64_t watermark) const;

  /// A base match arrives, in any order of time. One that is already there changes nothing.
  void arrive(std::string_view text, Group& group, Arrival arrival, Outcome& out) const;
  /// No event before `watermark` will come: conditions that had to wait are answered, alerts become final, state is dropped.
  /// `peers` belongs to the rule.
  void settle(std::string_view text, Group& group, std::int64_t watermark, Peers& peers, Outcome& out) const;
  /// At a memory limit: the oldest go until the weight is `most` (above zero), which can only hide what lies far back. What goes is counted.
  void shed(std::string_view text, Group& group, std::size_t most, Outcome& out) const;
  /// The watermark at which settle has something to do; kNever where nothing is left to do.
  std::int64_t deadline(const Group& group) const;
  /// The same, where one match at `time` is all that is new.
  std::int64_t deadline_of(const Group& group, std::int64_t time, bool counts) const;
  /// Nothing left that could matter.
  static bool forgettable(const Group& group) { return group.touches.empty() && group.fired == nullptr && (group.learnt == nullptr || group.learnt->empty()); }

  const Rule& rule() const { return rule_; }
  const windows::WindowRule& window_rule() const { return window_; }

 private:
  void await(std::string_view text, Group& group, Arrival arrival, Outcome& out) const;
  void answer(std::string_view text, Group& group, std::int64_t watermark, Peers& peers, Outcome& out) const;
  void evaluate(std::string_view text, Group& group, const Touch& added, const Touch* said, Outcome& out) const;
  void fire(std::string_view text, Group& group, const windows::Moment& moment, std::string why, const Touch* said, Outcome& out) const;
  void lower(Group& group, Bucket& bucket, std::int64_t triggered_at) const;
  void refresh(std::string_view text, Group& group, const Touch* said, Outcome& out) const;
  void give_again(std::string_view text, Group& group, Bucket& bucket, const Touch* said, Outcome& out) const;
  void tell_before(std::string_view text, Group& group, std::int64_t time, Outcome& out) const;
  void finish(std::string_view text, Group& group, Bucket& bucket, Outcome& out) const;
  void tell_people(std::string_view text, Group& group, Bucket& bucket, std::int64_t to, const Touch* said, Outcome& out) const;
  void tell(std::string_view text, const Touch& touch, Outcome& out) const;
  void forget(std::string_view text, Group& group, std::int64_t watermark, Outcome& out) const;
  std::int64_t counted_from(std::int64_t at) const;
  std::int64_t first_counted(const Group& group, std::int64_t at) const;
  void collect(const Group& group, Bucket& bucket, std::int64_t to) const;
  void measure(Group& group, Bucket& bucket, std::int64_t from, std::int64_t to) const;
  v1::Alert alert_of(std::string_view text, Group& group, Bucket bucket, bool final) const;

  const Rule& rule_;
  const Correlation& correlation_;
  const std::string& tenant_;
  Standing standing_;
  windows::WindowRule window_;
  std::int64_t span_, length_;
  std::int64_t every_ = 0;      ///< Of a baseline: what it counts begins at a multiple of this.
  std::int64_t horizon_;        ///< How long before the watermark a match may still matter.
  bool on_arrival_, learns_;
};

}  // namespace tocsin::sigma
