// temporal_ordered.cpp: following an order through events, and going back where one comes late.
#include "daemon/sigma/correlate/windows/temporal_ordered.h"

#include <algorithm>

#include "daemon/base/promise.h"

namespace tocsin::sigma::windows {
namespace {

constexpr std::uint32_t kStandEvery = 64;  // A late event costs this many steps at most beside those behind it.

/// One hit, alone at its moment.
void follow(const WindowRule& rule, std::int64_t time, std::uint8_t base, std::vector<std::int64_t>& began) {
  for (std::size_t k = began.size(); k-- > 0;) {
    if (rule.order[k] != base) continue;
    began[k] = k == 0 ? time : std::max(began[k], began[k - 1]);
  }
}

/// All hits of one moment, as many per base rule as `hits` says. The steps (first, k] of the order can be taken within the
/// moment; the smaller `first`, the later did the rest begin.
void follow_all(const WindowRule& rule, std::int64_t time, const std::vector<std::uint32_t>& hits,
                const std::vector<std::int64_t>& before, std::vector<std::int64_t>& began) {
  std::uint32_t used[kBasesMax] = {};
  std::size_t first = 0;  // Steps [first, k] are taken now.
  for (std::size_t k = 0; k < began.size(); ++k) {
    ++used[rule.order[k]];
    while (used[rule.order[k]] > hits[rule.order[k]]) --used[rule.order[first++]];
    if (first > k) began[k] = before[k];
    else began[k] = std::max(before[k], first == 0 ? time : before[first - 1]);
  }
}

Measure answer(const WindowRule& rule, bool ordered, std::uint64_t seen) {
  const Value value = Value::whole(ordered ? static_cast<std::int64_t>(rule.order.size()) : 0);
  return {value, rule.expression ? ordered && rule.expression(seen) : rule.condition.holds(value)};
}

}  // namespace

OrderedWindow::Large& OrderedWindow::opened(const WindowRule& rule) {
  if (large() != nullptr) return *large();
  auto all = std::make_unique<Large>();
  Stand& start = all->stands.emplace_back();
  start.began.assign(rule.order.size(), kLongAgo);
  if (rule.expression) start.seen.assign(rule.bases, kLongAgo);
  all->now = all->before = start;
  all->hits.assign(rule.bases, 0);
  for (std::uint32_t i = 0; i < state_.count(); ++i) all->entries.append(state_[i]);
  if (state_.count() > 0) all->newest = state_[state_.count() - 1].at;
  state_.become(std::move(all));
  return *large();
}

bool OrderedWindow::insert(const WindowRule& rule, const Hit& hit, std::int64_t) {
  TOCSIN_ASSERT(hit.base < rule.bases);
  using Added = FewOr<Entry, Large>::Added;
  const Entry entry{hit.time, hit.event / kBasesMax * kBasesMax + hit.base};
  if (large() == nullptr) {
    if (const Added added = state_.insert(entry); added != Added::full) return added == Added::added;
  }
  Large& all = opened(rule);
  if (entry.at <= all.stands.front().moment) return false;  // Folded long ago.
  if (all.entries.size() == 0 || all.entries.back() < entry) {
    all.entries.append(entry);
    all.newest = std::max(all.newest, entry.at);
  } else {
    const std::uint32_t place = all.entries.first_not([&](const Entry& other) { return other < entry; });
    if (all.entries[place] == entry) return false;
    all.entries.insert(place, entry);
  }
  if (entry.at > all.now.moment) return true;
  if (entry.at < all.now.moment || !all.open) {
    rewind(all, entry.at);
    return true;
  }
  ++all.hits[entry.base()];
  ++all.now.tail;
  follow_all(rule, entry.at, all.hits, all.before.began, all.now.began);
  if (rule.expression) all.now.seen[entry.base()] = entry.at;
  return true;
}

/// Takes in the next event moment.
void OrderedWindow::step(const WindowRule& rule, Large& all) {
  if (all.now.tail >= all.stands.back().tail + kStandEvery) all.stands.push_back(all.now);
  all.before.began = all.now.began;
  for (std::uint32_t& count : all.hits) count = 0;
  const std::int64_t time = all.entries[all.now.tail].at;
  std::uint32_t taken = 0;
  for (; all.now.tail < all.entries.size() && all.entries[all.now.tail].at == time; ++all.now.tail, ++taken) {
    const std::uint8_t base = all.entries[all.now.tail].base();
    ++all.hits[base];
    if (rule.expression) all.now.seen[base] = time;
    if (taken == 0) follow(rule, time, base, all.now.began);
  }
  if (taken > 1) follow_all(rule, time, all.hits, all.before.began, all.now.began);
  all.now.moment = time;
  all.open = true;
}

/// To a stand before `time`.
void OrderedWindow::rewind(Large& all, std::int64_t time) {
  while (all.stands.back().moment >= time && all.stands.size() > 1) all.stands.pop_back();
  all.now = all.stands.back();
  all.open = false;
}

void OrderedWindow::seek(const WindowRule& rule, Large& all, std::int64_t moment) {
  if (all.now.moment > moment) rewind(all, moment + 1);
  while (all.now.tail < all.entries.size() && all.entries[all.now.tail].at <= moment) step(rule, all);
}

Measure OrderedWindow::measure(const WindowRule& rule, const Large& all, std::int64_t moment) {
  const bool ordered = all.now.began.back() > moment - rule.span;
  std::uint64_t seen = 0;
  for (std::size_t base = 0; base < all.now.seen.size(); ++base)
    if (all.now.seen[base] > moment - rule.span) seen |= std::uint64_t{1} << base;
  return answer(rule, ordered, seen);
}

Measure OrderedWindow::measure_few(const WindowRule& rule, std::int64_t moment) const {
  Entry inside[2];
  std::uint32_t n = 0;
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < state_.count(); ++i) {
    if (state_[i].at > moment || state_[i].at <= moment - rule.span) continue;
    inside[n++] = state_[i];
    seen |= std::uint64_t{1} << state_[i].base();
  }
  const auto follows = [&](const Entry& a, const Entry& b) { return a.base() == rule.order[0] && b.base() == rule.order[1]; };
  bool ordered = false;
  if (rule.order.size() == 1) {
    for (std::uint32_t i = 0; i < n; ++i) ordered = ordered || inside[i].base() == rule.order[0];
  } else if (rule.order.size() == 2 && n == 2) {
    ordered = follows(inside[0], inside[1]) || (inside[0].at == inside[1].at && follows(inside[1], inside[0]));
  }
  return answer(rule, ordered, seen);
}

Measure OrderedWindow::at(const WindowRule& rule, std::int64_t moment) {
  if (large() == nullptr) return measure_few(rule, moment);
  seek(rule, *large(), moment);
  return measure(rule, *large(), moment);
}

/// Everything before `before`, `count` entries, becomes the first stand.
void OrderedWindow::fold(const WindowRule& rule, Large& all, std::uint32_t count, std::int64_t before) {
  seek(rule, all, before - 1);
  all.entries.pop_front(count);
  all.now.tail = 0;
  all.stands.assign(1, all.now);
  all.open = false;
}

std::size_t OrderedWindow::forget(const WindowRule& rule, std::int64_t watermark) {
  if (empty()) return 0;
  const std::size_t before = size();
  if (newest() <= watermark - rule.span) {
    clear();
    return before;
  }
  if (large() == nullptr) {
    std::uint32_t gone = 0;
    while (gone < state_.count() && state_[gone].at <= watermark - rule.span) ++gone;
    state_.pop_front(gone);
    return gone;
  }
  Large& all = *large();
  // Folding goes back to the watermark and forth again: it waits until as much goes as stays.
  if (all.entries.size() == 0 || all.entries[(all.entries.size() - 1) / 2].at >= watermark) return 0;
  const std::uint32_t count = all.entries.first_not([&](const Entry& entry) { return entry.at < watermark; });
  fold(rule, all, count, watermark);
  return count;
}

std::size_t OrderedWindow::trim(const WindowRule& rule, std::size_t most) {
  if (large() == nullptr || size() <= most) return 0;
  Large& all = *large();
  // Whole moments only: a stand lies between two.
  const std::int64_t before = all.entries[static_cast<std::uint32_t>(size() - most)].at;
  const std::uint32_t count = all.entries.first_not([&](const Entry& entry) { return entry.at < before; });
  if (count > 0) fold(rule, all, count, before);
  return count;
}

std::vector<std::int64_t> OrderedWindow::folded() const {
  if (large() == nullptr || large()->stands.front().moment == kLongAgo) return {};
  const Stand& first = large()->stands.front();
  std::vector<std::int64_t> out = first.began;
  out.insert(out.end(), first.seen.begin(), first.seen.end());
  out.push_back(first.moment);
  return out;
}

void OrderedWindow::restore(const WindowRule& rule, const std::vector<std::int64_t>& folded) {
  if (folded.empty()) return;
  Large& all = opened(rule);
  Stand& first = all.stands.front();
  TOCSIN_ASSERT(folded.size() == first.began.size() + first.seen.size() + 1 && all.entries.size() == 0);
  const auto behind = folded.begin() + static_cast<std::ptrdiff_t>(first.began.size());
  first.began.assign(folded.begin(), behind);
  first.seen.assign(behind, folded.end() - 1);
  first.moment = all.newest = folded.back();
  all.now = first;
}

}  // namespace tocsin::sigma::windows
