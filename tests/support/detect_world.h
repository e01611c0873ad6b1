// detect_world.h: a whole detect plane in one process, whose power can fail anywhere, and seeded histories for it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/base/json.h"
#include "daemon/casebook/casebook.h"
#include "daemon/detect/detector.h"
#include "daemon/detect/replay.h"
#include "daemon/ingest/mapping.h"
#include "daemon/store/store.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_source.h"
#include "tests/support/temp_folder.h"

namespace tocsin::testing {

inline const char* const kRules = R"(
title: Read
id: read
name: read
logsource: {product: tocsin, category: access}
detection: {sel: {action.verb: Read}, condition: sel}
---
title: Many reads
id: many-reads
level: high
correlation: {type: event_count, rules: [read], group-by: [actor.id], timespan: 10m, condition: {gte: 8}}
---
title: Many people
id: many-people
level: high
correlation: {type: value_count, rules: [read], group-by: [actor.id], timespan: 10m, condition: {field: subjects.ref, gte: 12}}
---
title: Export
id: export
level: critical
logsource: {product: tocsin, category: access}
detection: {sel: {action.verb: Export}, condition: sel}
)";

/// Moves by itself, so that time passes in a loop, and is one of the places where the power may go.
class PassingClock final : public Clock {
 public:
  Instant now() const override {
    if (at) at("clock");
    now_ += std::chrono::milliseconds(3);
    return now_;
  }
  std::function<void(std::string_view)> at;
  void advance(Microseconds by) { now_ += by; }

 private:
  mutable Instant now_ = *parse_rfc3339("2026-11-24T00:00:00Z");
};

template <typename T>
T value_or_die(Result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().text);
  return std::move(*outcome);
}

inline std::string access_json(Instant time, const std::string& actor, const std::string& verb, const std::vector<std::string>& people, int uid) {
  std::string subjects;
  for (const std::string& person : people) subjects += fmt::format("{}{{\"id\":\"{}\"}}", subjects.empty() ? "" : ",", person);
  return fmt::format(R"({{"uid":"{}","time":"{}","actor":{{"id":"{}"}},"action":{{"verb":"{}"}},"resource":{{"classifications":["personal"]}},"subjects":[{}]}})",
                     uid, rfc3339(time), actor, verb, subjects);
}

/// What a history holds, beside the topic itself.
struct History {
  MemoryTopic topic;
  std::vector<std::string> in_order;   ///< Every good event once, by time: the single file.
  std::int64_t records = 0, gaps = 0, garbage = 0, repeats = 0;
};

struct HistoryPlan {
  std::uint64_t seed = 1;
  int partitions = 3;
  int events = 300;
  double repeated = 0;       ///< Share of records that come again, anywhere behind.
  bool garbage = true;
  bool gaps = true;
  Microseconds shuffle = std::chrono::minutes(5);   ///< Arrival is later than the event by up to this.
};

/// Actors read at changing speed, some exactly at a threshold and one below it; a few export.
inline History history_of(const HistoryPlan& plan) {
  std::mt19937_64 random(plan.seed);
  History out;
  Instant time = *parse_rfc3339("2026-11-23T08:00:00Z");
  struct Arrival {
    Instant at;
    std::string value;
  };
  std::vector<Arrival> arrivals;
  const auto add = [&](Instant at, std::string value) {
    out.in_order.push_back(value);
    const auto delay = Microseconds(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(plan.shuffle.count() + 1)));
    if (plan.repeated > 0 && static_cast<double>(random() % 10'000) < plan.repeated * 10'000) {
      arrivals.push_back({at + plan.shuffle, value});
      ++out.repeats;
    }
    arrivals.push_back({at + delay, std::move(value)});
  };
  for (int i = 0; i < plan.events; ++i) {
    time += std::chrono::milliseconds(1000 + random() % 20'000);
    const std::string actor = fmt::format("actor-{}", random() % 6);
    std::vector<std::string> people;
    for (std::size_t n = random() % 4; n > 0; --n) people.push_back(fmt::format("person-{}", random() % 40));
    add(time, access_json(time, actor, random() % 40 == 0 ? "Export" : "Read", people, i));
  }
  // Exactly at the threshold, and one below it.
  for (int i = 0; i < 8; ++i) add(time + std::chrono::seconds(i), access_json(time + std::chrono::seconds(i), "at-threshold", "Read", {}, 10'000 + i));
  for (int i = 0; i < 7; ++i) add(time + std::chrono::seconds(i), access_json(time + std::chrono::seconds(i), "below-threshold", "Read", {}, 20'000 + i));
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  for (int p = 0; p < plan.partitions; ++p) out.topic.ends[p] = 0;
  const char* const garbage[] = {"{\"actor\":", "", "{\"actor\":{\"id\":\"x\"},\"actor\":{},\"action\":{}}", "[]", "{\"actor\":{},\"action\":{}}"};
  for (Arrival& arrival : arrivals) {
    const auto partition = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(plan.partitions));
    if (plan.garbage && random() % 25 == 0) {
      out.topic.add(partition, garbage[random() % std::size(garbage)]);
      ++out.garbage;
    }
    const std::int64_t skip = plan.gaps && random() % 30 == 0 ? static_cast<std::int64_t>(1 + random() % 3) : 0;
    out.gaps += skip;
    out.topic.add(partition, std::move(arrival.value), skip);
  }
  if (plan.gaps) {
    out.topic.ends[0] += 2;   // Transaction marks behind the last record.
    out.gaps += 2;
  }
  for (const auto& [partition, records] : out.topic.partitions) out.records += static_cast<std::int64_t>(records.size());
  return out;
}

/// Empty where both are the same, else the first lines that differ: whole outcomes are too long to read.
inline std::string difference(const std::string& actual, const std::string& expected) {
  std::istringstream a(actual), b(expected);
  std::string left, right;
  while (true) {
    const bool more_left = static_cast<bool>(std::getline(a, left)), more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left && !more_right) return "";
    if (!more_left) left = "(nothing)";
    if (!more_right) right = "(nothing)";
    if (left != right) return "actual:   " + left + "\nexpected: " + right;
  }
}

/// The state that survives a crash, and a process that is started on it again and again.
class DetectWorld {
 public:
  explicit DetectWorld(const std::string& rules = kRules, std::string store_path = ":memory:")
      : rules(std::make_shared<const sigma::RuleSet>(value_or_die(sigma::RuleSet::read({value_or_die(yaml::parse("rules.yml", rules))})))),
        store(value_or_die(store::Store::open({.path = std::move(store_path), .tenant = "t", .seal_key = Secret(std::string(32, 's'))}))),
        casebook(*store, clock, v1::Config(), v1::Playbook()) {}

  std::unique_ptr<ingest::Mapper> mapper(const std::string& source = "access") const {
    static const std::vector<v1::Mapping> mappings = value_or_die(ingest::load_mappings({std::string(TOCSIN_SOURCE_DIR) + "/rules/mappings/access_event.yml"}));
    return std::make_unique<ingest::Mapper>(
        value_or_die(ingest::Mapper::make(mappings, rules->fields(), {.source = source, .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {}})));
  }

  Result<std::unique_ptr<detect::Detector>> start(MatchLog& log, std::unique_ptr<Source> source) {
    std::vector<detect::DetectSource> sources;
    const std::string name = source->name();
    sources.push_back({std::move(source), mapper(name)});
    return detect::Detector::start({*store, casebook, log, snapshots, rules, clock, metrics, say}, std::move(sources), settings);
  }

  /// One process from start to end.
  Result<void> run(const History& history, MatchLog& log, std::uint64_t seed = 1) {
    TOCSIN_ASSIGN(const auto detector, start(log, std::make_unique<MemorySource>("access", history.topic, seed)));
    while (!detector->exhausted()) TOCSIN_TRY(detector->step());
    return detector->settle();
  }

  /// Whatever order of arrival and number of crashes, this is the same.
  std::string outcome(bool with_numbers = true) {
    const casebook::Plan plan{v1::Playbook(), v1::Config()};
    std::string out = value_or_die(detect::canonical(*store, plan));
    const store::View view = value_or_die(store->read());
    for (const v1::Alert& alert : value_or_die(view.alerts())) {
      v1::Alert numbers = alert;
      numbers.clear_incident_id();
      for (v1::Evidence& each : *numbers.mutable_evidence()) {
        each.clear_partition();   // Of an event that came twice, which copy was first depends on the polling.
        each.clear_offset();
      }
      if (with_numbers && alert.final()) out += to_json(numbers) + "\n";
    }
    for (const store::PartitionRow& row : value_or_die(view.partitions())) {
      out += fmt::format("{} start {} next {} applied {} late {} dead {} gap {} events {} newest {}\n", row.partition, row.start, row.next, row.applied,
                         row.late, row.dead, row.gap, row.events, row.max_event_time);
    }
    for (const store::DeadLetterRow& row : dead_letters()) {
      out += fmt::format("dead {} {} {} {}\n", row.partition, row.offset, row.reason, row.value);
    }
    return out;
  }

  std::vector<store::DeadLetterRow> dead_letters() {
    store::DeadLetterFilter all;
    all.with_value = true;
    return value_or_die(value_or_die(store->read()).dead_letters(all));
  }

  std::int64_t duplicates() {
    std::int64_t sum = 0;
    for (const store::PartitionRow& row : value_or_die(value_or_die(store->read()).partitions())) sum += row.duplicate;
    return sum;
  }

  PassingClock clock;
  std::shared_ptr<const sigma::RuleSet> rules;
  std::unique_ptr<store::Store> store;
  casebook::Casebook casebook;
  TempFolder folder;
  detect::Snapshots snapshots{folder / "snapshots", Secret(std::string(32, 's'))};
  Metrics metrics;
  std::vector<std::string> said;
  Log say{clock, {.level = LogLevel::warn, .json = false, .instead = [this](std::string_view line) { said.emplace_back(line); }}};
  detect::DetectSettings settings{.stage_one = {}, .batch_wait = std::chrono::milliseconds(1), .snapshot_every = std::chrono::milliseconds(150)};
};

}  // namespace tocsin::testing
