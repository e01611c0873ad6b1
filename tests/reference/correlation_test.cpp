// correlation_test.cpp: matcher and fold together find the alerts that a quadratic recount finds, in whatever order events come.
#include <gtest/gtest.h>

#include "daemon/sigma/correlate/fold.h"
#include "tests/reference/correlate.h"
#include "tests/reference/engine.h"
#include "tests/reference/make_history.h"
#include "tests/reference/run.h"

namespace tocsin::reference {
namespace {

constexpr std::int64_t kLateness = 20'000'000;

std::int64_t micros(const google::protobuf::Timestamp& time) { return time.seconds() * 1'000'000 + time.nanos() / 1'000; }

v1::LogFrame progress(int partition, std::int64_t newest) {
  v1::LogFrame out;
  out.mutable_progress()->set_source("s");
  out.mutable_progress()->set_partition(partition);
  out.mutable_progress()->set_max_event_time(newest);
  return out;
}

/// Stage one and stage two, without disks.
class Detector {
 public:
  explicit Detector(const std::shared_ptr<const sigma::RuleSet>& rules) : rules_(*rules), matcher_(rules), fold_(rules, {"t", Microseconds(kLateness)}) {
    for (const int partition : {0, 1}) take(fold_.apply(progress(partition, 0)));
  }

  void arrive(const Arrival& arrival, std::int64_t offset) {
    fill(rules_, arrival.event, event_);
    std::size_t room = limits::kFrameBytesMax;
    rules_.report(matcher_.match(event_), event_, matches_, room);
    v1::LogFrame frame;
    v1::MatchFrame& match = *frame.mutable_match();
    match.set_source("s");
    match.set_partition(arrival.partition);
    match.set_offset(offset);
    v1::MatchedEvent& event = *match.add_events();
    event.set_event_id(std::string(event_.id.view()));
    event.set_time(arrival.event.time);
    event.set_late(arrival.late);
    for (v1::RuleMatch& each : matches_) *event.add_matches() = std::move(each);
    if (event.matches_size() != 0) take(fold_.apply(frame));
    take(fold_.apply(progress(arrival.partition, arrival.newest)));
  }

  /// The newest form of every alert. Some rules' buckets are longer than others'.
  std::vector<Alert> alerts(const std::map<std::string, std::int64_t>& buckets) {
    take(fold_.close());
    std::vector<Alert> out;
    for (const auto& [id, alert] : alerts_) {
      const auto length = buckets.find(alert.rule_id());
      if (length == buckets.end()) continue;
      Alert one{alert.rule_id(), "", 0, micros(alert.triggered_at())};
      for (const v1::FieldValue& part : alert.group()) one.group += part.field() + "=" + part.value() + "\n";
      one.bucket = one.triggered_at / length->second * length->second;
      out.push_back(one);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  void take(const Effects& effects) {
    for (const auto* list : {&effects.alerts, &effects.updates})
      for (const v1::Alert& alert : *list) alerts_[alert.alert_id()] = alert;
  }

  const sigma::RuleSet& rules_;
  sigma::Matcher matcher_;
  sigma::Fold fold_;
  tocsin::Event event_;
  std::vector<v1::RuleMatch> matches_;
  std::map<std::string, v1::Alert> alerts_;
};

struct Case {
  std::vector<MadeCorrelation> correlations;
  std::shared_ptr<const sigma::RuleSet> engine_rules;
  std::vector<Rule> rules;
  std::map<std::string, std::int64_t> buckets;
  std::string error;

  explicit Case(std::vector<MadeCorrelation> made) : correlations(std::move(made)) {
    std::string text = base_rules();
    for (const MadeCorrelation& each : correlations) text += "---\n" + each.yaml;
    auto file = yaml::parse("r.yml", text);
    if (!file) throw std::runtime_error(file.error().text);
    auto set = sigma::RuleSet::read({*file});
    auto read = read_rules(*file);
    if (!set) error = set.error().text;
    if (!read) error += "reference: " + read.error().text;
    if (!error.empty()) return;
    engine_rules = std::make_shared<const sigma::RuleSet>(std::move(*set));
    rules = std::move(*read);
    for (const Rule& rule : rules)
      if (rule.correlation) buckets[rule.known_as()] = std::max(rule.correlation->timespan, rule.correlation->suppress);
  }

  std::vector<Alert> engine(const std::vector<Arrival>& history) const {
    Detector out(engine_rules);
    std::int64_t offset = 0;
    for (const Arrival& arrival : history) out.arrive(arrival, offset++);
    return out.alerts(buckets);
  }

  std::vector<Alert> reference(const std::vector<Arrival>& history) const {
    std::vector<Event> in_time;
    for (const Arrival& arrival : history)
      if (!arrival.late) in_time.push_back(arrival.event);
    return correlate(rules, in_time);
  }
};

std::string text_of(const std::vector<Alert>& alerts) {
  std::string out;
  for (const Alert& alert : alerts) {
    std::string group = alert.group;
    std::replace(group.begin(), group.end(), '\n', ' ');
    out += fmt::format("    {} {}bucket {} at {}\n", alert.rule, group, alert.bucket, alert.triggered_at);
  }
  return out;
}

std::vector<Alert> of_rule(const std::vector<Alert>& alerts, const std::string& rule) {
  std::vector<Alert> out;
  std::copy_if(alerts.begin(), alerts.end(), std::back_inserter(out), [&](const Alert& alert) { return alert.rule == rule; });
  return out;
}

/// Drops arrivals while the two still disagree.
std::string smallest_case(const MadeCorrelation& correlation, std::vector<Arrival> history) {
  const Case one({correlation});
  const auto differ = [&](const std::vector<Arrival>& each) { return one.engine(each) != one.reference(each); };
  if (!differ(history)) return "only beside other correlations:\n" + correlation.yaml;
  for (std::size_t i = 0; i < history.size();) {
    std::vector<Arrival> less = history;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    judge_lateness(less, kLateness);
    if (differ(less)) {
      history = less;
      i = 0;
    } else {
      ++i;
    }
  }
  std::string out = correlation.yaml;
  for (const Arrival& arrival : history) {
    out += fmt::format("  partition {} time {} id {}{}:", arrival.partition, arrival.event.time, arrival.event.id, arrival.late ? " late" : "");
    for (const auto& [field, values] : arrival.event.fields)
      for (const Value& value : values) out += fmt::format(" {}={}", field, value.kind == Value::Kind::null ? "null" : "'" + value.text + "'");
    out += "\n";
  }
  return out + "  engine:\n" + text_of(one.engine(history)) + "  reference:\n" + text_of(one.reference(history));
}

/// Correlations that the engine reads, and the histories put to them.
struct Tally {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> by_type;   ///< Pairs, and those that alert.
  std::map<std::string, std::int64_t> refused;
  std::int64_t pairs = 0, alerting = 0, shuffled = 0, doubled = 0, late = 0, histories = 0;
  int failures = 0;
};

void compare(const Case& all, const std::vector<Arrival>& history, Tally& tally) {
  const auto engine = all.engine(history), reference = all.reference(history);
  for (const MadeCorrelation& each : all.correlations) {
    const std::string id = each.yaml.substr(13, each.yaml.find('\n', 13) - 13);
    const auto expected = of_rule(reference, id);
    auto& [pairs, alerting] = tally.by_type[each.type];
    ++pairs;
    ++tally.pairs;
    if (!expected.empty()) ++alerting;
    if (!expected.empty()) ++tally.alerting;
    if (of_rule(engine, id) == expected || tally.failures >= 5) continue;
    ++tally.failures;
    ADD_FAILURE() << smallest_case(each, history);
  }
}

void count_hardships(const std::vector<Arrival>& history, Tally& tally) {
  std::set<std::string> ids;
  bool out_of_order = false, again = false, late = false;
  std::int64_t newest = 0;
  for (const Arrival& arrival : history) {
    out_of_order = out_of_order || arrival.event.time < newest;
    newest = std::max(newest, arrival.event.time);
    again = !ids.insert(arrival.event.id).second || again;
    late = late || arrival.late;
  }
  ++tally.histories;
  if (out_of_order) ++tally.shuffled;
  if (again) ++tally.doubled;
  if (late) ++tally.late;
}

TEST(Engine, correlates_as_the_reference_does) {
  const PropertyRun run = PropertyRun::from_environment();
  const std::uint64_t rounds = run.full ? 1'250 : 25;
  Tally tally;
  for (std::uint64_t round = 0; round < rounds && tally.failures < 5; ++round) {
    Dice dice(run.seed * 1'000'003 + round);
    std::vector<MadeCorrelation> made;
    while (made.size() < 8) {
      MadeCorrelation each = make_correlation(dice, fmt::format("c{}", made.size()));
      const Case alone({each});
      if (alone.error.empty()) {
        made.push_back(std::move(each));
      } else if (++tally.refused[alone.error.substr(0, alone.error.find('\n')).substr(alone.error.find(": ") + 2)] == 1) {
        std::cout << alone.error << "\n" << each.yaml;
      }
    }
    const Case all(made);
    ASSERT_EQ(all.error, "");
    std::vector<std::int64_t> timespans;
    for (const MadeCorrelation& each : made) timespans.push_back(each.timespan);
    for (int i = 0; i < 10; ++i) {
      const std::vector<Arrival> history = make_history(dice, timespans, kLateness);
      count_hardships(history, tally);
      compare(all, history, tally);
    }
  }
  std::cout << fmt::format("  {} pairs of a correlation and a history, {:.1f} % alert; of {} histories {} out of order, {} with an event twice, {} with late ones\n", tally.pairs,
                           100.0 * static_cast<double>(tally.alerting) / static_cast<double>(std::max<std::int64_t>(tally.pairs, 1)), tally.histories, tally.shuffled,
                           tally.doubled, tally.late);
  for (const auto& [type, counts] : tally.by_type) std::cout << fmt::format("    {}: {} pairs, {} alert\n", type, counts.first, counts.second);
  for (const auto& [why, n] : tally.refused) std::cout << fmt::format("    refused {} × {}\n", n, why);
  EXPECT_GE(tally.alerting * 5, tally.pairs);
  EXPECT_GE(tally.shuffled * 10, tally.histories * 9);
  EXPECT_GE(tally.doubled * 2, tally.histories);
  EXPECT_GE(tally.late * 10, tally.histories);
}

}  // namespace
}  // namespace tocsin::reference
