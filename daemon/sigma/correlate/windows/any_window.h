// any_window.h: the window of one group, of whichever kind its rule is.
#pragma once

#include <variant>

#include "daemon/sigma/correlate/windows/event_count.h"
#include "daemon/sigma/correlate/windows/temporal.h"
#include "daemon/sigma/correlate/windows/temporal_ordered.h"
#include "daemon/sigma/correlate/windows/value_avg.h"
#include "daemon/sigma/correlate/windows/value_count.h"
#include "daemon/sigma/correlate/windows/value_median.h"
#include "daemon/sigma/correlate/windows/value_percentile.h"
#include "daemon/sigma/correlate/windows/value_sum.h"

namespace tocsin::sigma::windows {

template <Kind>
struct WindowOf;
template <> struct WindowOf<Kind::event_count> { using type = Window<EventCount>; };
template <> struct WindowOf<Kind::temporal> { using type = Window<Temporal>; };
template <> struct WindowOf<Kind::temporal_ordered> { using type = OrderedWindow; };
template <> struct WindowOf<Kind::value_avg> { using type = Window<ValueAvg>; };
template <> struct WindowOf<Kind::value_count> { using type = Window<ValueCount>; };
template <> struct WindowOf<Kind::value_median> { using type = Window<ValueMedian>; };
template <> struct WindowOf<Kind::value_percentile> { using type = Window<ValuePercentile>; };
template <> struct WindowOf<Kind::value_sum> { using type = Window<ValueSum>; };

/// Calls use.operator()<Kind>() with the kind as a constant.
template <typename Use>
decltype(auto) with_kind(Kind kind, Use&& use) {
  switch (kind) {
    case Kind::event_count: return use.template operator()<Kind::event_count>();
    case Kind::temporal: return use.template operator()<Kind::temporal>();
    case Kind::temporal_ordered: return use.template operator()<Kind::temporal_ordered>();
    case Kind::value_avg: return use.template operator()<Kind::value_avg>();
    case Kind::value_count: return use.template operator()<Kind::value_count>();
    case Kind::value_median: return use.template operator()<Kind::value_median>();
    case Kind::value_percentile: return use.template operator()<Kind::value_percentile>();
    default: return use.template operator()<Kind::value_sum>();
  }
}

/// What a Window promises (see window.h), for callers whose groups are of all kinds. earliest() and greatest() take it too.
class AnyWindow {
 public:
  explicit AnyWindow(Kind kind) {
    with_kind(kind, [&]<Kind K>() { window_.emplace<typename WindowOf<K>::type>(); });
  }

  bool insert(const WindowRule& rule, const Hit& hit, std::int64_t final_to = kLongAgo) {
    return std::visit([&](auto& window) { return window.insert(rule, hit, final_to); }, window_);
  }
  Measure at(const WindowRule& rule, std::int64_t moment) {
    return std::visit([&](auto& window) { return window.at(rule, moment); }, window_);
  }
  template <typename Visit>
  void each(const WindowRule& rule, std::int64_t from, std::int64_t to, Visit&& visit) {
    std::visit([&](auto& window) { window.each(rule, from, to, visit); }, window_);
  }
  std::size_t forget(const WindowRule& rule, std::int64_t watermark) {
    return std::visit([&](auto& window) { return window.forget(rule, watermark); }, window_);
  }
  std::size_t trim(const WindowRule& rule, std::size_t most) {
    return std::visit([&](auto& window) { return window.trim(rule, most); }, window_);
  }
  bool empty() const {
    return std::visit([](const auto& window) { return window.empty(); }, window_);
  }
  std::size_t size() const {
    return std::visit([](const auto& window) { return window.size(); }, window_);
  }
  /// Of the latest event; not for an empty window.
  std::int64_t newest() const {
    return std::visit([](const auto& window) { return window.newest(); }, window_);
  }
  template <typename Visit>
  void list(Visit&& visit) const {
    std::visit([&](const auto& window) { window.list(visit); }, window_);
  }
  /// What an ordered window has folded; of the other kinds nothing. restore() comes before the hits of list() are inserted.
  std::vector<std::int64_t> folded() const {
    const auto* const ordered = std::get_if<OrderedWindow>(&window_);
    return ordered ? ordered->folded() : std::vector<std::int64_t>();
  }
  void restore(const WindowRule& rule, const std::vector<std::int64_t>& folded) {
    if (auto* const ordered = std::get_if<OrderedWindow>(&window_)) ordered->restore(rule, folded);
  }

 private:
  std::variant<Window<EventCount>, Window<Temporal>, OrderedWindow, Window<ValueAvg>, Window<ValueCount>, Window<ValueMedian>,
               Window<ValuePercentile>, Window<ValueSum>> window_;
};

}  // namespace tocsin::sigma::windows
