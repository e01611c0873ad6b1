// live_engine.cpp: which detections of a new rule set an engine knows already.
#include "daemon/sigma/engine/live_engine.h"

namespace tocsin::sigma {
namespace {

/// Slots compiled into an engine over `before` mean the same fields in `now`.
bool same_slots(const FieldTable& before, const FieldTable& now) {
  if (now.size() < before.size()) return false;
  for (FieldTable::Slot slot = 0; slot < before.size(); ++slot) {
    if (before.name(slot) != now.name(slot)) return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<const LiveEngine> LiveEngine::compile(std::shared_ptr<const RuleSet> rules) {
  std::shared_ptr<LiveEngine> out(new LiveEngine());
  const auto all = rules->rules();
  out->compiled_ = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Rule& rule) { return rule.detection() != nullptr; }));
  out->layers_.push_back({Engine::compile(rules), {}});
  out->rules_ = std::move(rules);
  return out;
}

std::shared_ptr<const LiveEngine> LiveEngine::compile(std::shared_ptr<const RuleSet> rules, const LiveEngine& before) {
  const std::shared_ptr<const Engine>& kept = before.layers_.front().engine;
  const auto old = kept->rules().rules();
  const auto all = rules->rules();
  if (!same_slots(kept->rules().fields(), rules->fields())) return compile(std::move(rules));

  std::vector<std::uint32_t> places(old.size(), kGone);
  std::unordered_map<std::string_view, std::uint32_t> known;
  known.reserve(old.size());
  for (std::uint32_t i = 0; i < old.size(); ++i) {
    if (old[i].detection() != nullptr) known.emplace(old[i].id, i);
  }
  std::vector<std::uint32_t> fresh;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].detection() == nullptr) continue;
    const auto at = known.find(all[i].id);
    if (at != known.end() && kept->rules().fingerprint(at->second) == rules->fingerprint(i)) places[at->second] = i;
    else fresh.push_back(i);
  }
  const auto stay = static_cast<std::size_t>(std::count_if(places.begin(), places.end(), [](std::uint32_t place) { return place != kGone; }));
  if (std::max(fresh.size(), known.size() - stay) > std::max<std::size_t>(known.size() / kSecondShare, 1)) return compile(std::move(rules));

  std::shared_ptr<LiveEngine> out(new LiveEngine());
  out->layers_.push_back({kept, std::move(places)});
  if (!fresh.empty()) out->layers_.push_back({Engine::compile(rules, fresh), {}});
  out->compiled_ = fresh.size();
  out->rules_ = std::move(rules);
  return out;
}

LiveMatcher::LiveMatcher(std::shared_ptr<const LiveEngine> engine, Matcher::Routing routing) : engine_(std::move(engine)) {
  for (const LiveEngine::Layer& layer : engine_->layers()) matchers_.emplace_back(layer.engine, routing);
}

std::span<const std::uint32_t> LiveMatcher::match(const Event& event) {
  const std::span<const LiveEngine::Layer> layers = engine_->layers();
  if (layers.size() == 1 && layers.front().places.empty()) return matchers_.front().match(event);
  found_.clear();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::vector<std::uint32_t>& places = layers[i].places;
    for (const std::uint32_t rule : matchers_[i].match(event)) {
      const std::uint32_t place = places.empty() ? rule : places[rule];
      if (place != LiveEngine::kGone) found_.push_back(place);
    }
  }
  std::sort(found_.begin(), found_.end());
  return found_;
}

}  // namespace tocsin::sigma
