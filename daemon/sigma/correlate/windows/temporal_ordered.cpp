// temporal_ordered.cpp: following an order through events, and going back where one comes late.
#include "daemon/sigma/correlate/windows/temporal_ordered.h"

#include <algorithm>

#include "daemon/base/promise.h"

namespace tocsin::sigma::windows {
namespace {

constexpr std::uint32_t kMarkEvery = 64;  // A late event costs this many steps at most beside those behind it.
constexpr std::uint32_t kFoldLeast = 32;   // Fewer entries are not worth a fold.

/// One hit, alone at its moment.
void follow(const WindowRule& rule, std::int64_t time, std::uint8_t base, std::span<std::int64_t> began) {
  for (std::size_t k = began.size(); k-- > 0;) {
    if (rule.order[k] != base) continue;
    began[k] = k == 0 ? time : std::max(began[k], began[k - 1]);
  }
}

/// All hits of one moment, as many per base rule as `hits` says. The steps (first, k] of the order can be taken within the
/// moment; the smaller `first`, the later did the rest begin.
void follow_all(const WindowRule& rule, std::int64_t time, std::span<const std::uint32_t> hits, std::span<const std::int64_t> before,
                std::span<std::int64_t> began) {
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
  Measure out = asked(rule, ordered ? static_cast<std::int64_t>(rule.order.size()) * kStep : 0);
  if (rule.expression) out.holds = ordered && rule.expression(seen);
  return out;
}

}  // namespace

OrderedWindow::Large& OrderedWindow::opened(const WindowRule& rule) {
  if (large() != nullptr) return *large();
  auto all = std::make_unique<Large>();
  all->width = rule.order.size() + (rule.expression ? rule.bases : 0);
  all->rows.assign((kFirstMark + 1) * all->width, kLongAgo);
  all->marks.emplace_back();
  all->hits.assign(rule.bases, 0);
  for (const Entry& few : state_.few()) all->entries.append(few);
  if (!state_.few().empty()) all->newest = state_.few().back().at;
  state_.become(std::move(all));
  return *large();
}

OrderedWindow::Known OrderedWindow::known(const WindowRule& rule, const Entry& entry) const {
  std::ptrdiff_t alike = 0;
  bool there = false;
  const auto look = [&](const Entry& other) {
    there = there || other == entry;
    alike += other.base() == entry.base();
  };
  for (const Entry& few : state_.few()) {
    if (few.at == entry.at) look(few);
  }
  if (const Large* const all = large(); all != nullptr && all->entries.size() > 0 && all->entries.back().at >= entry.at) {
    std::uint32_t place = all->entries.first_not([&](const Entry& other) { return other.at < entry.at; });
    for (; place < all->entries.size() && all->entries[place].at == entry.at; ++place) look(all->entries[place]);
  }
  if (there) return Known::there;
  return alike > 0 && alike >= std::count(rule.order.begin(), rule.order.end(), entry.base()) ? Known::needless : Known::fresh;
}

bool OrderedWindow::insert(const WindowRule& rule, const Hit& hit, std::int64_t) {
  TOCSIN_ASSERT(hit.base < rule.bases);
  const Entry entry{hit.time, hit.event / kBasesMax * kBasesMax + hit.base};
  if (const Known known = this->known(rule, entry); known != Known::fresh) return known == Known::needless;
  if (large() == nullptr && state_.insert(Entry(entry)) == FewOr<Entry, Large>::Added::added) return true;
  Large& all = opened(rule);
  if (entry.at <= all.marks.front().moment) return false;  // Folded long ago.
  if (all.entries.size() == 0 || all.entries.back() < entry) {
    all.entries.append(entry);
    all.newest = std::max(all.newest, entry.at);
  } else {
    all.entries.insert(all.entries.first_not([entry](const Entry& other) { return other < entry; }), entry);
  }
  if (entry.at > all.now.moment) return true;
  if (entry.at < all.now.moment || !all.open) {
    rewind(all, entry.at);
    return true;
  }
  ++all.hits[entry.base()];
  ++all.now.tail;
  follow_all(rule, entry.at, all.hits, {all.row(kBefore), rule.order.size()}, {all.row(kNow), rule.order.size()});
  if (rule.expression) all.row(kNow)[rule.order.size() + entry.base()] = entry.at;
  return true;
}

/// Takes in the next event moment.
void OrderedWindow::step(const WindowRule& rule, Large& all) {
  if (all.now.tail >= all.marks.back().tail + kMarkEvery) {
    all.marks.push_back(all.now);
    all.rows.resize(all.rows.size() + all.width);
    std::copy_n(all.row(kNow), all.width, all.row(kFirstMark + all.marks.size() - 1));
  }
  const std::size_t steps = rule.order.size();
  const std::span<std::int64_t> before(all.row(kBefore), steps), began(all.row(kNow), steps);
  std::copy_n(began.data(), steps, before.data());
  std::fill(all.hits.begin(), all.hits.end(), 0U);
  const std::int64_t time = all.entries[all.now.tail].at;
  std::uint32_t taken = 0;
  for (; all.now.tail < all.entries.size() && all.entries[all.now.tail].at == time; ++all.now.tail, ++taken) {
    const std::uint8_t base = all.entries[all.now.tail].base();
    ++all.hits[base];
    if (rule.expression) all.row(kNow)[steps + base] = time;
    if (taken == 0) follow(rule, time, base, began);
  }
  if (taken > 1) follow_all(rule, time, all.hits, before, began);
  all.now.moment = time;
  all.open = true;
}

void OrderedWindow::go_back(Large& all, std::size_t marks) {
  all.marks.resize(marks);
  all.rows.resize((kFirstMark + marks) * all.width);
  std::copy_n(all.row(kFirstMark + marks - 1), all.width, all.row(kNow));
  all.now = all.marks.back();
  all.open = false;
}

/// To a mark before `time`.
void OrderedWindow::rewind(Large& all, std::int64_t time) {
  std::size_t marks = all.marks.size();
  while (marks > 1 && all.marks[marks - 1].moment >= time) --marks;
  go_back(all, marks);
}

void OrderedWindow::seek(const WindowRule& rule, Large& all, std::int64_t moment) {
  if (all.now.moment > moment) rewind(all, moment + 1);
  while (all.now.tail < all.entries.size() && all.entries[all.now.tail].at <= moment) step(rule, all);
}

Measure OrderedWindow::measure(const WindowRule& rule, Large& all, std::int64_t moment) {
  const std::int64_t* const row = all.row(kNow);
  std::uint64_t seen = 0;
  for (std::size_t i = rule.order.size(); i < all.width; ++i)
    if (row[i] > moment - rule.span) seen |= std::uint64_t{1} << (i - rule.order.size());
  return answer(rule, row[rule.order.size() - 1] > moment - rule.span, seen);
}

/// The same over few entries, from nothing.
Measure OrderedWindow::measure_few(const WindowRule& rule, std::int64_t moment) const {
  std::int64_t began[2][kBasesMax];
  std::uint32_t hits[kBasesMax];
  const std::size_t steps = rule.order.size();
  std::fill_n(began[1], steps, kLongAgo);
  std::uint64_t seen = 0;
  const std::span<const Entry> few = state_.few();
  for (std::size_t i = 0, next = 0; i < few.size() && few[i].at <= moment; i = next) {
    for (next = i + 1; next < few.size() && few[next].at == few[i].at;) ++next;
    if (few[i].at <= moment - rule.span) continue;
    for (std::size_t k = i; k < next; ++k) seen |= std::uint64_t{1} << few[k].base();
    if (next == i + 1) {
      follow(rule, few[i].at, few[i].base(), {began[1], steps});
      continue;
    }
    std::fill_n(hits, rule.bases, 0U);
    for (std::size_t k = i; k < next; ++k) ++hits[few[k].base()];
    std::copy_n(began[1], steps, began[0]);
    follow_all(rule, few[i].at, {hits, rule.bases}, {began[0], steps}, {began[1], steps});
  }
  return answer(rule, began[1][steps - 1] > moment - rule.span, seen);
}

Measure OrderedWindow::at(const WindowRule& rule, std::int64_t moment) {
  if (large() == nullptr) return measure_few(rule, moment);
  seek(rule, *large(), moment);
  return measure(rule, *large(), moment);
}

/// Everything before `before`, `count` entries, becomes the first mark.
void OrderedWindow::fold(const WindowRule& rule, Large& all, std::uint32_t count, std::int64_t before) {
  seek(rule, all, before - 1);
  all.entries.pop_front(count);
  all.now.tail = 0;
  all.marks.front() = all.now;
  std::copy_n(all.row(kNow), all.width, all.row(kFirstMark));
  go_back(all, 1);
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
    while (gone < size() && state_.few()[gone].at <= watermark - rule.span) ++gone;
    state_.pop_front(gone);
    return gone;
  }
  Large& all = *large();
  // Folding goes back to the watermark and forth again: it waits until as much goes as stays.
  if (all.entries.size() < kFoldLeast || all.entries[(all.entries.size() - 1) / 2].at >= watermark) return 0;
  const std::uint32_t count = all.entries.first_not([&](const Entry& entry) { return entry.at < watermark; });
  fold(rule, all, count, watermark);
  return count;
}

std::size_t OrderedWindow::trim(const WindowRule& rule, std::size_t most) {
  if (size() <= most) return 0;
  if (large() == nullptr) {
    const auto gone = static_cast<std::uint32_t>(size() - most);
    state_.pop_front(gone);
    return gone;
  }
  Large& all = *large();
  // Whole moments only: a mark lies between two.
  const std::int64_t before = all.entries[static_cast<std::uint32_t>(size() - most)].at;
  const std::uint32_t count = all.entries.first_not([&](const Entry& entry) { return entry.at < before; });
  if (count > 0) fold(rule, all, count, before);
  return count;
}

std::vector<std::int64_t> OrderedWindow::folded() const {
  if (large() == nullptr || large()->marks.front().moment == kLongAgo) return {};
  const std::int64_t* const row = large()->row(kFirstMark);
  std::vector<std::int64_t> out(row, row + large()->width);
  out.push_back(large()->marks.front().moment);
  return out;
}

void OrderedWindow::restore(const WindowRule& rule, const std::vector<std::int64_t>& folded) {
  if (folded.empty()) return;
  Large& all = opened(rule);
  TOCSIN_ASSERT(folded.size() == all.width + 1 && all.entries.size() == 0);
  std::copy_n(folded.begin(), all.width, all.row(kFirstMark));
  all.marks.front().moment = all.newest = folded.back();
  go_back(all, 1);
}

}  // namespace tocsin::sigma::windows
