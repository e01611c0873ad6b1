// replay.cpp: stage one and fold, hand in hand, and the answers sorted.
#include "daemon/detect/replay.h"

#include "daemon/base/hash.h"
#include "daemon/base/json.h"

namespace tocsin::detect {
namespace {

using Groups = std::map<std::string, std::set<std::string>>;   // JSON of the group → refs.

std::string json_list(const std::set<std::string>& texts) { return texts.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(texts, "\",\"")); }

template <typename Fields>
std::string json_group(const Fields& group) {
  std::string out;
  for (const v1::FieldValue& field : group) {
    out += fmt::format("{}{{\"field\":\"{}\",\"value\":\"{}\"}}", out.empty() ? "" : ",", json_escaped(field.field()), json_escaped(field.value()));
  }
  return "[" + out + "]";
}

std::string canonical_alert(const v1::Alert& alert) {
  v1::Alert bare;
  bare.set_alert_id(alert.alert_id());
  bare.set_rule_id(alert.rule_id());
  *bare.mutable_group() = alert.group();
  if (alert.has_bucket_start()) *bare.mutable_bucket_start() = alert.bucket_start();
  if (alert.has_bucket_end()) *bare.mutable_bucket_end() = alert.bucket_end();
  return to_json(bare) + "\n";
}

std::string canonical_groups(const Groups& groups) {
  std::string out;
  for (const auto& [group, refs] : groups) out += fmt::format("{{\"incident_group\":{},\"affected\":{}}}\n", group, json_list(refs));
  return out;
}

Instant instant_from(const google::protobuf::Timestamp& at) { return instant_of(at.seconds() * 1'000'000 + at.nanos() / 1000); }

std::string owner(const std::string& rule, const std::string& group) { return fmt::format("{}:{}{}", rule.size(), rule, group); }

/// Effects of many batches as one final state.
class Gathering {
 public:
  void take(Effects&& effects) {
    for (v1::Alert& alert : effects.alerts) alerts_[alert.alert_id()] = std::move(alert);
    for (v1::Alert& alert : effects.updates) alerts_[alert.alert_id()] = std::move(alert);
    for (const Affected& affected : effects.affected) {
      auto& people = people_[owner(affected.rule_id, store::group_key(affected.group))];
      for (const v1::SubjectRef& subject : affected.subjects) {
        // The earliest and the latest touch would do for one alert; each alert of the group asks from its own beginning on.
        const auto [at, fresh] = people.try_emplace(subject.ref(), affected.time);
        if (!fresh) at->second = std::max(at->second, affected.time);
      }
    }
  }

  void finish(Replayed& out) {
    for (auto& [id, alert] : alerts_) {
      std::set<std::string>& refs = out.affected[id];
      const auto people = people_.find(owner(alert.rule_id(), store::group_key(alert.group())));
      if (people != people_.end()) {
        for (const auto& [ref, last_touch] : people->second) {
          if (last_touch >= instant_from(alert.first_event())) refs.insert(hex_of(ref));
        }
      }
      out.alerts.push_back(std::move(alert));
    }
  }

 private:
  std::map<std::string, v1::Alert> alerts_;
  std::map<std::string, std::map<std::string, Instant>> people_;   ///< Rule and group → ref → last touch.
};

}  // namespace

Result<Replayed> replay(Source& source, ingest::Mapper& mapper, std::shared_ptr<const sigma::RuleSet> rules, const Clock& clock,
                        const ReplaySettings& settings) {
  Replayed out;
  Gathering gathering;
  Correlator correlator(rules, {.tenant = settings.tenant, .lateness = settings.stage_one.lateness});
  StageOne stage_one(source.name(), mapper, sigma::LiveMatcher(rules), clock, settings.stage_one);
  const auto take = [&](Frames&& frames) -> Result<void> {
    Pending pending;
    for (v1::LogFrame& frame : frames) TOCSIN_TRY(correlator.take(std::move(frame), pending));
    gathering.take(std::move(pending.effects));
    out.dead_letters.insert(out.dead_letters.end(), std::make_move_iterator(pending.dead_letters.begin()),
                            std::make_move_iterator(pending.dead_letters.end()));
    return {};
  };
  TOCSIN_ASSIGN(const std::vector<StartAt> starts, source.open({}));
  Frames frames;
  stage_one.begin({}, starts, frames);
  TOCSIN_TRY(take(std::move(frames)));
  while (!source.exhausted()) {
    TOCSIN_ASSIGN(const Batch batch, source.poll(settings.batch_records, std::chrono::milliseconds(100)));
    frames.clear();
    TOCSIN_TRY(stage_one.take(batch, frames));
    TOCSIN_TRY(take(std::move(frames)));
  }
  gathering.take(correlator.fold().close());
  gathering.finish(out);
  out.partitions = correlator.partitions();
  return out;
}

std::string to_ndjson(const Replayed& replayed) {
  std::string out;
  for (const v1::Alert& alert : replayed.alerts) {
    std::string json = to_json(alert);
    json.pop_back();
    out += fmt::format("{},\"affected\":{}}}\n", json, json_list(replayed.affected.at(alert.alert_id())));
  }
  return out;
}

std::string canonical(const Replayed& replayed, const casebook::Plan& plan) {
  std::string out;
  Groups groups;
  for (const v1::Alert& alert : replayed.alerts) {
    out += canonical_alert(alert);
    groups[json_group(plan.incident_group(alert))].merge(std::set<std::string>(replayed.affected.at(alert.alert_id())));
  }
  return out + canonical_groups(groups);
}

Result<std::string> canonical(store::Store& store, const casebook::Plan& plan) {
  TOCSIN_ASSIGN(const store::View view, store.read());
  TOCSIN_ASSIGN(const std::vector<v1::Alert> alerts, view.alerts());
  std::string out;
  Groups groups;
  for (const v1::Alert& alert : alerts) {
    out += canonical_alert(alert);
    TOCSIN_ASSIGN(const std::vector<Subject> affected, view.affected(alert.incident_id()));
    std::set<std::string>& refs = groups[json_group(plan.incident_group(alert))];
    for (const Subject& subject : affected) refs.insert(subject.ref.hex());
  }
  return out + canonical_groups(groups);
}

}  // namespace tocsin::detect
