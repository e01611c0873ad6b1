// bucket_alerts.cpp: frames as stage one would log them, without the log.
#include "daemon/detect/bucket_alerts.h"

#include "daemon/base/limits.h"
#include "daemon/detect/matched_event.h"

namespace tocsin::detect {
namespace {

constexpr std::string_view kSource = "match";
constexpr Microseconds kTellEvery = std::chrono::seconds(1);   // Of event time: a watermark for each event would cost more than it frees.

}  // namespace

BucketAlerts::BucketAlerts(std::shared_ptr<const sigma::RuleSet> rules, std::optional<Microseconds> lateness, Give give)
    : rules_(std::move(rules)), lateness_(lateness), give_(std::move(give)),
      fold_(rules_, {.tenant = "default", .lateness = lateness.value_or(Microseconds{})}), feeds_(rules_->rules().size()) {
  for (const sigma::Rule& rule : rules_->rules()) {
    const sigma::Correlation* correlation = rule.correlation();
    if (correlation == nullptr) continue;
    idle_ = false;
    for (const std::size_t base : correlation->bases) feeds_[base] = true;
  }
}

bool BucketAlerts::take(const Event& event, std::span<const std::uint32_t> found, std::int64_t offset) {
  const std::int64_t time = micros_of(event.time);
  const bool late = lateness_ && newest_ != 0 && time < newest_ - lateness_->count();
  newest_ = std::max(newest_, time);
  bases_.clear();
  std::copy_if(found.begin(), found.end(), std::back_inserter(bases_), [&](std::uint32_t rule) { return feeds_[rule]; });
  if (bases_.empty()) return true;
  if (event.time == Instant{}) {
    ++timeless_;
    return true;
  }
  if (late) ++late_;
  std::size_t room = limits::kFrameBytesMax;
  if (!rules_->report(bases_, event, matches_, room)) return false;
  v1::LogFrame frame;
  v1::MatchFrame& match = *frame.mutable_match();
  match.set_source(std::string(kSource));
  match.set_offset(offset);
  v1::MatchedEvent& to = *match.add_events();
  add_event(event, late, false, to);
  for (v1::RuleMatch& each : matches_) to.add_matches()->Swap(&each);
  keep(fold_.apply(frame), false);
  if (lateness_ && newest_ >= told_ + kTellEvery.count()) {
    told_ = newest_;
    v1::LogFrame progress;
    progress.mutable_progress()->set_source(std::string(kSource));
    progress.mutable_progress()->set_max_event_time(newest_);
    keep(fold_.apply(progress), false);
  }
  return true;
}

std::int64_t BucketAlerts::dropped() const {
  std::int64_t out = 0;
  for (const auto& [rule, dropped] : fold_.dropped()) out += static_cast<std::int64_t>(dropped);
  return out;
}

void BucketAlerts::keep(Effects&& effects, bool closing) {
  for (auto* list : {&effects.alerts, &effects.updates}) {
    for (v1::Alert& alert : *list) {
      const sigma::Rule* rule = rules_->find(alert.rule_id());
      if (rule == nullptr || rule->correlation() == nullptr) continue;
      if (alert.final() && !closing) {
        give_(alert);
        open_.erase(alert.alert_id());
      } else {
        open_[alert.alert_id()] = std::move(alert);
      }
    }
  }
}

void BucketAlerts::close() {
  keep(fold_.close(), true);
  std::vector<const v1::Alert*> rest;
  for (const auto& [id, alert] : open_) rest.push_back(&alert);
  const auto key = [](const v1::Alert* a) {
    return std::tuple(a->triggered_at().seconds(), a->triggered_at().nanos(), std::string_view(a->rule_id()), std::string_view(a->alert_id()));
  };
  std::sort(rest.begin(), rest.end(), [&](const v1::Alert* a, const v1::Alert* b) { return key(a) < key(b); });
  for (const v1::Alert* alert : rest) give_(*alert);
  open_.clear();
}

}  // namespace tocsin::detect
