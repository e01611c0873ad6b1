// correlate_bench.cpp: updates a second and bytes a key of the windows under correlations, one thread.

#include <malloc.h>

#include <ctime>
#include <string_view>

#include "daemon/sigma/correlate/windows/counters.h"
#include "tests/bench/bench.h"

namespace tocsin::bench {
namespace {

using namespace sigma::windows;

struct Named {
  std::string_view name;
  Kind kind;
};
constexpr Named kKinds[] = {{"event_count", Kind::event_count}, {"temporal", Kind::temporal}, {"temporal_ordered", Kind::temporal_ordered},
                            {"value_avg", Kind::value_avg}, {"value_count", Kind::value_count}, {"value_median", Kind::value_median},
                            {"value_percentile", Kind::value_percentile}, {"value_sum", Kind::value_sum}};

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::size_t allocated() {
  const auto now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

/// A fixed stream of numbers, so that two builds measure the same.
struct Stream {
  std::uint64_t state = 1;
  std::uint64_t next() { return mix(++state, 42); }
};

WindowRule rule_of(Kind kind, std::int64_t span) {
  WindowRule rule;
  rule.kind = kind;
  rule.span = span;
  rule.bases = 3;
  rule.order = {0, 1, 2};
  rule.percentile = 95 * kStep;
  rule.condition.bounds = {{Compare::gte, Int128{kind == Kind::event_count || kind == Kind::value_count ? 4 : 3} * kStep}};
  return rule;
}

Hit hit_of(std::int64_t time, std::uint64_t random) {
  return {.time = time, .event = random, .value = random >> 7, .number = Int128{static_cast<std::int64_t>(random % 5'000'000)} * (kStep / 100),
          .base = static_cast<std::uint8_t>(random % 3)};
}

struct Measured {
  double updates_per_second = 0, bytes_per_key = 0;
  std::size_t keys = 0;
};

/// `keys` groups in turn, one event a microsecond, each turn in another order, so that no cache foresees it. The timespan is one
/// and a half turns: a group holds one event or two, seldom three. Timed once every group is there and the first have forgotten.
Measured many_keys(Kind kind, std::size_t keys) {
  const auto span = static_cast<std::int64_t>(keys) * 3 / 2;
  const std::size_t before = allocated();
  Counters counters({rule_of(kind, span)}, {.seed = 7, .keys_most = keys + 1, .entries_most = 8 * keys + 64});
  Stream random;
  constexpr std::size_t kSteps[] = {7'368'787, 3'497'861, 9'576'889, 5'800'079};   // Primes: every group once a turn.
  std::size_t place = 0, drawn_keys = 0;
  const auto follow = [&] { return Key{place = (place + kSteps[drawn_keys++ / keys % 4]) % keys, 5}; };
  std::size_t done = 0, held = 0;
  const auto run = [&](std::size_t updates) {
    for (const std::size_t end = done + updates; done < end; ++done) {
      const std::uint64_t drawn = random.next();
      held += counters.arrive(0, follow(), hit_of(static_cast<std::int64_t>(done), drawn)).measure.holds;
    }
  };
  run(std::max<std::size_t>(keys * 5 / 2, 1'000'000));
  const std::size_t timed = 4'000'000;
  const double started = processor_seconds();
  run(timed);
  const double seconds = processor_seconds() - started;
  const CounterCounts counts = counters.counts(0);
  if (counts.keys_evicted + counts.late + counts.duplicates > 0) fmt::print("  (unexpected: {} held, {} evicted or late)\n", held, counts.keys_evicted);
  return {static_cast<double>(timed) / seconds, static_cast<double>(allocated() - before) / static_cast<double>(counts.keys), counts.keys};
}

/// One group whose window holds `inside` events, all different; of `disorder` above one, each event comes up to so many late.
double one_key(Kind kind, std::int64_t inside, std::int64_t disorder) {
  Counters counters({rule_of(kind, inside)}, {.lateness = disorder, .seed = 7});
  Stream random;
  const auto arrive = [&](std::int64_t i) {
    const std::uint64_t drawn = random.next();
    const std::int64_t late = disorder > 1 ? static_cast<std::int64_t>(drawn >> 8) % disorder : 0;
    counters.arrive(0, {1, 2}, hit_of(i - (late < 0 ? 0 : late), drawn));
  };
  for (std::int64_t i = 0; i < 2 * inside; ++i) arrive(i);
  const std::int64_t timed = std::max<std::int64_t>(1'000'000, inside);
  const double started = processor_seconds();
  for (std::int64_t i = 0; i < timed; ++i) arrive(2 * inside + i);
  return static_cast<double>(timed) / (processor_seconds() - started);
}

/// Two rules hit a thousand times each in turn, a third never: microseconds for all 2,000, each answered.
double ordered_in_vain() {
  const WindowRule rule = rule_of(Kind::temporal_ordered, 1'000'000);
  constexpr int kRounds = 2'000;
  int held = 0;
  const double started = processor_seconds();
  for (int round = 0; round < kRounds; ++round) {
    OrderedWindow window;
    for (std::int64_t i = 0; i < 2'000; ++i) {
      window.insert(rule, {.time = i, .event = static_cast<std::uint64_t>(i) << 8, .base = static_cast<std::uint8_t>(i % 2)});
      held += window.at(rule, i).holds;
    }
  }
  const double seconds = processor_seconds() - started;
  if (held != 0) fmt::print("  (unexpected: {} held)\n", held);
  return seconds / kRounds * 1e6;
}

}  // namespace

int correlate(const Options& options) {
  const auto keys_most = static_cast<std::size_t>(options.number("keys", 1'000'000));
  fmt::print("{:18} {:>10} {:>14} {:>14} {:>10}\n", "many groups", "groups", "updates/s", "bytes/live key", "live keys");
  for (const Named& row : kKinds) {
    for (std::size_t keys = 1'000; keys <= keys_most; keys *= keys == 1'000 ? 100 : 10) {
      const Measured measured = many_keys(row.kind, keys);
      fmt::print("{:18} {:>10} {:>14.0f} {:>14.1f} {:>10}\n", row.name, keys, measured.updates_per_second, measured.bytes_per_key, measured.keys);
    }
  }
  fmt::print("\n{:18} {:>16} {:>16} {:>26}\n", "one group", "1,800 inside/s", "1 M inside/s", "1,800, up to 100 late, /s");
  for (const Named& row : kKinds)
    fmt::print("{:18} {:>16.0f} {:>16.0f} {:>26.0f}\n", row.name, one_key(row.kind, 1'800, 1), one_key(row.kind, 1'000'000, 1), one_key(row.kind, 1'800, 100));
  fmt::print("\ntemporal_ordered, 2 × 1,000 hits and a third rule that never matches: {:.1f} µs for all\n", ordered_in_vain());
  return 0;
}

}  // namespace tocsin::bench
