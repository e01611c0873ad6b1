// counters.cpp: one table of windows per rule, and its memory.
#include "daemon/sigma/correlate/windows/counters.h"

#include "daemon/base/promise.h"

namespace tocsin::sigma::windows {

/// All of one rule.
template <Kind K>
struct Counters::Shelf {
  using WindowType = typename WindowOf<K>::type;
  static constexpr std::size_t kLooks = 4;  ///< An arrival files one state at most: four end or file anew what stands ahead of it.
  static constexpr bool kKnowsEvents = K != Kind::value_count && K != Kind::temporal;

  Shelf(WindowRule its_rule, const CounterSettings& its_settings)
      : rule(std::move(its_rule)), settings(its_settings), table(its_settings.seed, rule.span + its_settings.lateness) {
    rule.seed = settings.seed;
    TOCSIN_ASSERT(rule.span > 0 && rule.bucket == 0 && rule.bases <= kBasesMax && rule.order.size() <= kBasesMax);
    TOCSIN_ASSERT(K != Kind::temporal_ordered || !rule.order.empty());
  }

  auto gone() {
    return [this](const WindowType& window) { counts.entries -= window.size(); };
  }

  Answer arrive(const Key& group, const Hit& hit) {
    ++counts.arrived;
    if (hit.time > newest) {
      newest = hit.time;
    } else if (hit.time < newest - settings.lateness) {
      ++counts.late;
      return {Outcome::late, {}};
    }
    table.expire(newest - settings.lateness, kLooks, gone());
    WindowType& window = table.touch(group, hit.time + rule.span);
    const std::size_t before = window.size();
    window.forget(rule, newest - settings.lateness);
    const bool fresh = window.insert(rule, hit, newest - settings.lateness) || !kKnowsEvents;
    counts.duplicates += !fresh;
    counts.entries += window.size() - before;
    if (table.size() > settings.keys_most || counts.entries > settings.entries_most) make_room(window);
    return {fresh ? Outcome::counted : Outcome::duplicate, window.at(rule, hit.time)};
  }

  /// The stalest keys go first; a key that is too large alone loses its oldest eighth.
  void make_room(WindowType& window) {
    while (table.size() > settings.keys_most || counts.entries > settings.entries_most) {
      if (window.size() > settings.entries_most / 2 && counts.entries > settings.entries_most) {
        const std::size_t dropped = window.trim(rule, std::max<std::size_t>(2, window.size() - window.size() / 8));
        counts.entries -= dropped;
        counts.entries_dropped += dropped;
        if (dropped > 0) continue;
      }
      if (!table.evict(&window, gone())) return;
      ++counts.keys_evicted;
    }
  }

  WindowRule rule;
  CounterSettings settings;
  Table<WindowType> table;
  CounterCounts counts;
  std::int64_t newest = kLongAgo;
};

struct Counters::Shelves {
  using AnyShelf = std::variant<Shelf<Kind::event_count>, Shelf<Kind::temporal>, Shelf<Kind::temporal_ordered>, Shelf<Kind::value_avg>,
                                Shelf<Kind::value_count>, Shelf<Kind::value_median>, Shelf<Kind::value_percentile>, Shelf<Kind::value_sum>>;
  std::vector<AnyShelf> all;
};

Counters::Counters(std::vector<WindowRule> rules, const CounterSettings& settings) : shelves_(std::make_unique<Shelves>()) {
  shelves_->all.reserve(rules.size());
  for (WindowRule& rule : rules) {
    const Kind kind = rule.kind;
    with_kind(kind, [&]<Kind K>() { shelves_->all.emplace_back(std::in_place_type<Shelf<K>>, std::move(rule), settings); });
  }
}

Counters::Counters(Counters&&) noexcept = default;
Counters::~Counters() = default;

Answer Counters::arrive(std::size_t rule, const Key& group, const Hit& hit) {
  return std::visit([&](auto& shelf) { return shelf.arrive(group, hit); }, shelves_->all[rule]);
}

CounterCounts Counters::counts(std::size_t rule) const {
  return std::visit(
      [](const auto& shelf) {
        CounterCounts out = shelf.counts;
        out.keys = shelf.table.size();
        return out;
      },
      shelves_->all[rule]);
}

}  // namespace tocsin::sigma::windows
