// learnt.h: what first_seen, absence and baseline remember of one group, and what they answer at each of its matches.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "daemon/sigma/correlate/measure.h"
#include "daemon/sigma/correlate/peers.h"
#include "daemon/sigma/language/rule.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

struct HitOrder {
  bool operator()(const windows::Hit& a, const windows::Hit& b) const {
    return std::tie(a.time, a.base, a.event, a.value, a.number) < std::tie(b.time, b.base, b.event, b.value, b.number);
  }
};

struct Learnt {
  std::map<windows::Hit, std::string, HitOrder> waiting;    ///< Matches not looked at yet → the peers they name.
  std::set<std::int64_t> answers;                           ///< absence: when the awaited rule matched, without those that change nothing.
  std::int64_t born = windows::kNoMoment, newest = windows::kLongAgo;  ///< Of all matches looked at.
  std::int64_t bucket = windows::kLongAgo;                  ///< Start of the one in work; long ago: none is.
  windows::Int128 measure = 0;                              ///< What it has come to.
  bool alerted = false;
  // first_seen
  std::unordered_map<std::uint64_t, std::int64_t> seen;     ///< Value → when last.
  std::size_t swept = 0;                                    ///< How many were left when those forgotten were last cleared.
  // baseline
  std::unordered_set<std::uint64_t> distinct;
  std::deque<PastMeasure> past;
  std::string peers;
  double limit = 0;                                         ///< The measure must be above; set as the bucket begins.
  std::string compared;                                     ///< With what, in words.

  bool empty() const { return waiting.empty() && answers.empty() && seen.empty() && past.empty() && bucket == windows::kLongAgo; }
  /// Things that are remembered beside the matches that wait.
  std::size_t known() const { return answers.size() + seen.size() + distinct.size() + past.size(); }
};

/// The answer at one moment.
struct Answer {
  std::int64_t time = 0;
  windows::Value value;
  bool holds = false;
  bool shows = true;          ///< Its matches are evidence.
  std::string why;
};

/// A match that is to be looked at. True where it asks, false where it only answers (absence).
bool wait(const Correlation& rule, Learnt& state, const std::vector<windows::Hit>& hits, const std::string& peers);
/// Looks at everything before `watermark` in order of time. `peers` is shared by the groups of the rule, which must all have been
/// brought to the beginning of a bucket before one of them is asked about it. Returns the answers; `dropped` grows by what a limit cost.
std::vector<Answer> learn(const Correlation& rule, Learnt& state, std::int64_t watermark, Peers& peers, std::int64_t& dropped);
/// When learn() has something to do next; kNoMoment where nothing is left.
std::int64_t learn_deadline(const Correlation& rule, const Learnt& state);
/// Memory that no match can ask for any more goes.
void unlearn(const Correlation& rule, Learnt& state, std::int64_t watermark);
/// At a memory limit: the oldest matches that wait beyond `waiting` go, then values of first_seen until `most` things are left.
void shed(Learnt& state, std::size_t waiting, std::size_t most);

void save(const Learnt& state, v1::FoldLearnt& out);
Learnt learnt_of(const v1::FoldLearnt& from);

}  // namespace tocsin::sigma
