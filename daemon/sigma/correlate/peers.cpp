// peers.cpp: medians, and which measures are kept.
#include "daemon/sigma/correlate/peers.h"

#include <algorithm>
#include <cmath>

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

constexpr double kNormal = 1.4826;          // Makes the MAD of a normal distribution its standard deviation.

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Of `past`, which is sorted, no more than `most`.
void keep_newest(std::deque<PastMeasure>& past, std::size_t most) {
  while (past.size() > most) {
    const auto end = std::find_if(past.begin(), past.end(), [&](const PastMeasure& each) { return each.start != past.front().start; });
    const auto all = static_cast<std::size_t>(end - past.begin());
    const std::size_t left = all - std::min(all, past.size() - most);
    std::vector<PastMeasure> evenly;
    for (std::size_t i = 0; i < left; ++i) evenly.push_back(past[(2 * i + 1) * all / (2 * left)]);
    past.erase(past.begin(), end);
    past.insert(past.begin(), evenly.begin(), evenly.end());
  }
}

}  // namespace

Spread spread_of(const Baseline& kind, const std::deque<PastMeasure>& past, std::int64_t bucket) {
  constexpr std::int64_t kHour = 3'600'000'000;
  const auto hour_of_week = [](std::int64_t time) { return windows::bucket_start(time, kHour) % (168 * kHour); };
  std::vector<double> values;
  for (const PastMeasure& each : past) {
    if (each.start >= bucket || each.start < bucket - kind.learn.count()) continue;
    if (!kind.hour_of_week || hour_of_week(each.start) == hour_of_week(bucket)) values.push_back(windows::double_of({each.value, 1}));
  }
  Spread out{values.size(), 0, 0};
  if (values.empty()) return out;
  out.median = median_of(values);
  for (double& value : values) value = std::abs(value - out.median);
  // A past without any spread would make one more than usual an alarm.
  const double deviation = std::max({kNormal * median_of(values), std::abs(out.median) / 10, 1.0});
  out.limit = out.median + kind.above * deviation;
  return out;
}

std::vector<PastMeasure> Peers::Group::all() const {
  std::vector<PastMeasure> out(past.begin(), past.end());
  out.insert(out.end(), fresh.begin(), fresh.end());
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t Peers::Group::newest() const {
  std::int64_t out = past.empty() ? windows::kLongAgo : past.back().start;
  for (const PastMeasure& each : fresh) out = std::max(out, each.start);
  return out;
}

void Peers::add(const std::string& name, const PastMeasure& measure) {
  groups_[name].fresh.push_back(measure);
  ++measures_;
}

const Spread& Peers::spread(const Baseline& kind, const std::string& name, std::int64_t bucket) {
  static const Spread kNone;
  const auto known = groups_.find(name);
  if (known == groups_.end()) return kNone;
  Group& group = known->second;
  if (group.asked == bucket) return group.spread;
  measures_ -= group.size();
  const auto ended = std::partition(group.fresh.begin(), group.fresh.end(), [&](const PastMeasure& each) { return each.start >= bucket; });
  group.past.insert(group.past.end(), ended, group.fresh.end());
  group.fresh.erase(ended, group.fresh.end());
  std::sort(group.past.begin(), group.past.end());
  while (!group.past.empty() && group.past.front().start < bucket - kind.learn.count()) group.past.pop_front();
  keep_newest(group.past, limits::kBaselineMeasuresMax);
  measures_ += group.size();
  group.spread = spread_of(kind, group.past, bucket);
  group.asked = bucket;
  return group.spread;
}

void Peers::forget(const Baseline& kind, std::int64_t bucket) {
  if (groups_.size() < 2 * swept_ + 64) return;
  std::erase_if(groups_, [&](const auto& entry) {
    if (entry.second.newest() >= bucket - kind.learn.count()) return false;
    measures_ -= entry.second.size();
    return true;
  });
  swept_ = groups_.size();
}

std::int64_t Peers::shed(std::size_t most) {
  if (measures_ <= most) return 0;
  const std::size_t before = measures_;
  std::vector<std::pair<std::int64_t, std::string>> oldest;
  for (const auto& [name, group] : groups_) oldest.emplace_back(group.newest(), name);
  std::sort(oldest.begin(), oldest.end());
  for (auto each = oldest.begin(); each != oldest.end() && measures_ > most / 2; ++each) {
    const auto gone = groups_.find(each->second);
    measures_ -= gone->second.size();
    groups_.erase(gone);
  }
  return static_cast<std::int64_t>(before - measures_);
}

}  // namespace tocsin::sigma
