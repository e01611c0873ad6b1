// rule_tests.cpp: from the few lines of a test to events, and from effects to a verdict.
#include "daemon/sigma/authoring/rule_tests.h"

#include <set>

#include "daemon/sigma/correlate/fold.h"
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::sigma {
namespace {

constexpr std::int64_t kTestStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z, where a test names no time.

std::string numbered(std::string_view text, std::int64_t n) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find("{n}", at);
    out += text.substr(at, found - at);
    if (found == std::string_view::npos) return out;
    out += std::to_string(n);
    at = found + 3;
  }
}

const LogSource& log_source_of(const RuleSet& rules, const Rule& rule) {
  const Correlation* correlation = rule.correlation();
  return correlation == nullptr ? rule.log_source : log_source_of(rules, rules.rules()[correlation->bases.front()]);
}

class Run {
 public:
  Run(const std::shared_ptr<const RuleSet>& rules, const std::shared_ptr<const Engine>& engine, const Rule& rule, const MapDocument& map)
      : rules_(*rules), rule_(rule), map_(map), matcher_(engine), fold_(rules, {}) {}

  void play(const RuleTest& test) {
    std::int64_t at = kTestStart;
    for (const TestEvents& events : test.given) {
      if (events.time) at = micros_of(*events.time);
      at += events.after.count() - events.before.count();
      for (std::int64_t n = 1; n <= events.repeat; ++n) {
        if (n > 1) at += events.every.count();
        if (events.document.empty()) {
          fill(events, n, at);
          send(event_, events.late);
        } else {
          send_document(events, n, at);
        }
      }
    }
    take(fold_.close());
  }

  RuleTestOutcome verdict(const RuleTest& test) const {
    RuleTestOutcome out{rule_.id, rule_.title, test.name, test.place, false, {}};
    const auto differ = [&](std::string_view what, std::int64_t expected, std::int64_t found) {
      if (expected != found) out.difference += fmt::format("{}: expected {}, found {}\n", what, expected, found);
    };
    differ("alerts", test.alerts, static_cast<std::int64_t>(alerts_.size()));
    std::int64_t count = 0;
    for (const auto& [id, alert] : alerts_) count = std::max(count, alert.count());
    if (test.count) differ("count", *test.count, count);
    if (test.people) differ("people", *test.people, static_cast<std::int64_t>(people_.size()) + people_without_name_);
    if (!test.group.empty() && std::none_of(alerts_.begin(), alerts_.end(), [&](const auto& entry) { return has_group(entry.second, test); })) {
      out.difference += "group: no alert has it";
      for (const auto& [id, alert] : alerts_) out.difference += fmt::format("; found {}", group_of(alert));
      out.difference += "\n";
    }
    for (const auto& [reference, alerts] : test.others) {
      const Rule* known = rules_.find(reference);
      for (const Rule& each : rules_.rules()) {
        if (known == nullptr && each.name == reference) known = &each;
      }
      if (known == nullptr) {
        out.difference += fmt::format("rules: no rule has the id or name `{}`\n", reference);
        continue;
      }
      const auto found = others_.find(known->id);
      differ(fmt::format("alerts of `{}`", reference), alerts, found == others_.end() ? 0 : static_cast<std::int64_t>(found->second.size()));
    }
    out.difference += unread_;
    if (!out.difference.empty()) {
      for (const auto& [id, alert] : alerts_) out.difference += fmt::format("  alert: {}\n", alert.explanation());
    }
    out.passed = out.difference.empty();
    return out;
  }

 private:
  static bool has_group(const v1::Alert& alert, const RuleTest& test) {
    return std::all_of(test.group.begin(), test.group.end(), [&](const auto& wanted) {
      return std::any_of(alert.group().begin(), alert.group().end(), [&](const v1::FieldValue& part) {
        return part.field() == wanted.first && part.value() == wanted.second;
      });
    });
  }

  static std::string group_of(const v1::Alert& alert) {
    std::string out;
    for (const v1::FieldValue& part : alert.group()) out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", part.field(), part.value());
    return out.empty() ? "no group" : out;
  }

  void fill(const TestEvents& events, std::int64_t n, std::int64_t at) {
    event_.clear(rules_.fields().size());
    event_.id = identity({"rule test", std::to_string(sent_)});
    event_.time = instant_of(at);
    event_.keep_log_source(events.log_source.value_or(log_source_of(rules_, rule_)));
    for (const auto& [field, values] : events.values) {
      const FieldTable::Slot slot = rules_.fields().find(field);
      event_.mark_present(slot);
      for (const auto& [type, text] : values) {
        const std::string value = numbered(text, n);
        event_.add_copy(slot, type, value);
        if (rules_.fields().wants_all && type == ValueType::text) event_.add_copy(FieldTable::kAll, type, value);
        if (field == "resource.classifications") event_.categories.push_back(event_.keep(value));
      }
    }
    for (const std::string& name : events.subjects) {
      const std::string person = numbered(name, n);
      event_.subjects.push_back({identity({"rule test", person}), "customer", 1});
    }
    std::sort(event_.subjects.begin(), event_.subjects.end());
    event_.subjects.erase(std::unique(event_.subjects.begin(), event_.subjects.end()), event_.subjects.end());
    event_.subject_count = events.subject_count;
    event_.record_count = events.record_count;
  }

  /// The document's own time counts where the test says none.
  void send_document(const TestEvents& events, std::int64_t n, std::int64_t& at) {
    const auto show = [&](Event& event) {
      if (events.says_time() || event.time == Instant{}) event.time = instant_of(at);
      at = micros_of(event.time);
      event.id = identity({"rule test", std::to_string(sent_)});   // A document that is repeated stands for events of their own.
      send(event, events.late);
    };
    const auto read = map_ ? map_(numbered(events.document, n), events.mapping, show) : bad_input("a document needs mappings, and none are here");
    if (!read && unread_.empty()) unread_ = fmt::format("document: {}\n", read.error().text);
  }

  void send(const Event& event, bool late) {
    std::size_t room = limits::kFrameBytesMax;
    rules_.report(matcher_.match(event), event, matches_, room);
    v1::LogFrame frame;
    frame.mutable_match()->set_source("rule test");
    frame.mutable_match()->set_offset(sent_++);
    v1::MatchedEvent& matched = *frame.mutable_match()->add_events();
    matched.set_event_id(std::string(event.id.view()));
    matched.set_time(micros_of(event.time));
    matched.set_late(late);
    for (const Subject& subject : event.subjects) {
      v1::SubjectRef* ref = matched.add_subjects();
      ref->set_ref(std::string(subject.ref.view()));
      ref->set_id_type(subject.id_type);
      ref->set_key_version(subject.key_version);
    }
    matched.set_subject_count(event.subject_count);
    matched.set_record_count(event.record_count);
    for (const std::string_view category : event.categories) matched.add_categories(std::string(category));
    for (v1::RuleMatch& match : matches_) *matched.add_matches() = std::move(match);
    take(fold_.apply(frame));
  }

  void take(const Effects& effects) {
    for (const auto* list : {&effects.alerts, &effects.updates}) {
      for (const v1::Alert& alert : *list) {
        if (alert.rule_id() == rule_.id) alerts_[alert.alert_id()] = alert;
        else others_[alert.rule_id()].insert(alert.alert_id());
      }
    }
    for (const Affected& affected : effects.affected) {
      if (affected.rule_id != rule_.id || !touched_.insert(affected.event_id).second) continue;
      for (const v1::SubjectRef& subject : affected.subjects) people_.insert(subject.ref());
      people_without_name_ += affected.subject_count;
    }
  }

  const RuleSet& rules_;
  const Rule& rule_;
  const MapDocument& map_;
  Matcher matcher_;
  Fold fold_;
  Event event_;
  std::vector<v1::RuleMatch> matches_;
  std::int64_t sent_ = 0;
  std::map<std::string, v1::Alert> alerts_;
  std::map<std::string, std::set<std::string>> others_;   ///< Alerts of other rules.
  std::string unread_;                                    ///< Why the first document that gave no event did not.
  std::set<std::string> touched_, people_;
  std::int64_t people_without_name_ = 0;
};

}  // namespace

std::vector<RuleTestOutcome> run_rule_tests(const std::shared_ptr<const RuleSet>& rules, const MapDocument& map) {
  std::vector<RuleTestOutcome> out;
  const std::shared_ptr<const Engine> engine = Engine::compile(rules);
  for (const Rule& rule : rules->rules()) {
    for (const RuleTest& test : rule.tests) {
      Run run(rules, engine, rule, map);
      run.play(test);
      out.push_back(run.verdict(test));
    }
  }
  return out;
}

std::vector<RuleTestOutcome> missing_tests(const RuleSet& rules) {
  std::vector<RuleTestOutcome> out;
  for (const Rule& rule : rules.rules()) {
    if (!rule.alerts()) continue;
    for (const bool fires : {true, false}) {
      const bool found = std::any_of(rule.tests.begin(), rule.tests.end(), [&](const RuleTest& test) { return (test.alerts > 0) == fires; });
      if (!found) out.push_back({rule.id, rule.title, fires ? "has a test that fires" : "has a test that stays quiet", rule.file, false, "there is none\n"});
    }
  }
  return out;
}

}  // namespace tocsin::sigma
