// stream.cpp: from the values of an event to groups and hits, without a text of its own.
#include "daemon/sigma/correlate/stream.h"

#include "daemon/base/limits.h"
#include "daemon/sigma/correlate/key_hash.h"
#include "daemon/sigma/correlate/measure.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kDepthMax = 16;   // Of correlations on correlations; the reader allows fewer.

/// Calls visit() with `out` holding one value of each choice, in every combination. Nothing where a choice is empty, or where
/// there are more combinations than an event may have people.
template <typename Visit>
void each_combination(const std::vector<std::vector<std::string_view>>& choices, std::vector<std::string_view>& out, Visit&& visit) {
  std::size_t combinations = 1;
  for (const auto& values : choices) {
    combinations *= values.size();
    if (combinations == 0 || combinations > limits::kSubjectsPerEventMax) return;
  }
  out.resize(choices.size());
  for (std::size_t n = 0; n < combinations; ++n) {
    std::size_t rest = n;
    for (std::size_t i = choices.size(); i-- > 0; rest /= choices[i].size()) out[i] = choices[i][rest % choices[i].size()];
    visit();
  }
}

}  // namespace

struct Stream::Source {
  const Event* event = nullptr;                        ///< Or, of a correlation below,
  const std::vector<std::string>* fields = nullptr;    ///< its group-by
  std::span<const std::string_view> group{};           ///< and values.
  const std::vector<std::string>& refs;
  std::int64_t time = 0;

  /// The different values of each field; null is none.
  void values(const std::vector<std::string>& names, const std::vector<FieldTable::Slot>& slots, std::vector<Views>& out) const {
    out.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      Views& values = out[i];
      values.clear();
      if (event == nullptr) {
        for (std::size_t g = 0; g < group.size(); ++g) {
          if ((*fields)[g] == names[i]) values.push_back(group[g]);
        }
      } else if (slots[i] == kSubjectSlot) {
        values.assign(refs.begin(), refs.end());
      } else {
        for (const Value& value : event->values(slots[i])) {
          if (value.type != ValueType::null && std::find(values.begin(), values.end(), value.raw) == values.end()) values.push_back(value.raw);
        }
      }
    }
  }
};

Stream::Stream(std::shared_ptr<const RuleSet> rules, const StreamSettings& settings) : rules_(std::move(rules)), seed_(settings.seed), links_(rules_->rules().size()), scratch_(kDepthMax) {
  std::vector<windows::WindowRule> window_rules;
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    const Correlation* correlation = rules_->rules()[i].correlation();
    if (correlation == nullptr || correlation->type->counting == Counting::extension) continue;
    windows::WindowRule window = window_rule_of(rules_->rules()[i]);
    window.bucket = 0;   // Each event is asked about once, when it comes.
    for (std::size_t b = 0; b < correlation->bases.size(); ++b) {
      Link link{i, static_cast<std::uint32_t>(window_rules.size()), static_cast<std::uint8_t>(b), {}, {}, {}, {}};
      const auto name = [&](const std::string& field) {
        const auto alias = correlation->aliases.find(field);
        if (alias == correlation->aliases.end()) return field;
        const auto target = alias->second.find(correlation->rules[b]);
        return target == alias->second.end() ? field : target->second;
      };
      for (const std::string& field : correlation->group_by) link.group.push_back(name(field));
      for (const std::string& field : correlation->fields) link.counted.push_back(name(field));
      for (const std::string& field : link.group) link.group_slots.push_back(rules_->fields().find(field));
      for (const std::string& field : link.counted) link.counted_slots.push_back(rules_->fields().find(field));
      for (const auto* slots : {&link.group_slots, &link.counted_slots}) {
        names_people_ = names_people_ || std::find(slots->begin(), slots->end(), kSubjectSlot) != slots->end();
      }
      links_[correlation->bases[b]].push_back(std::move(link));
    }
    kinds_.push_back(window.kind);
    window_rules.push_back(std::move(window));
  }
  counters_ = std::make_unique<windows::Counters>(std::move(window_rules), windows::CounterSettings{.lateness = settings.lateness.count(), .seed = settings.seed});
}

void Stream::take(const Event& event, std::span<const std::uint32_t> found, const Give& give) {
  ++events_;
  refs_.clear();
  if (names_people_) {
    for (const Subject& subject : event.subjects) refs_.push_back(subject.ref.hex());
  }
  const Source source{.event = &event, .refs = refs_, .time = micros_of(event.time)};
  for (const std::uint32_t rule : found) {
    for (const Link& link : links_[rule]) count(link, source, give, 0);
  }
}

void Stream::count(const Link& link, const Source& source, const Give& give, std::size_t depth) {
  if (depth == kDepthMax) return;
  Scratch& scratch = scratch_[depth];
  source.values(link.group, link.group_slots, scratch.group_choices);
  source.values(link.counted, link.counted_slots, scratch.counted_choices);
  each_combination(scratch.group_choices, scratch.group, [&] { count_group(link, source, give, depth); });
}

void Stream::count_group(const Link& link, const Source& source, const Give& give, std::size_t depth) {
  Scratch& scratch = scratch_[depth];
  KeyHash hash(seed_);
  for (const std::string_view value : scratch.group) hash.add(value);
  const windows::Key key = hash.key();
  std::optional<windows::Measure> measure;
  const auto arrive = [&](std::uint64_t value, windows::Int128 number) {
    const windows::Hit hit{.time = source.time, .event = events_, .value = value, .number = number, .base = link.base};
    const windows::Answer answer = counters_->arrive(link.counter, key, hit);
    if (answer.outcome != windows::Outcome::late) measure = answer.measure;
  };
  switch (kinds_[link.counter]) {
    case windows::Kind::event_count:
    case windows::Kind::temporal:
    case windows::Kind::temporal_ordered: arrive(0, 0); break;
    case windows::Kind::value_count:
      each_combination(scratch.counted_choices, scratch.counted, [&] {
        KeyHash tuple(seed_);
        for (const std::string_view value : scratch.counted) tuple.add(value);
        arrive(tuple.key().low, 0);
      });
      break;
    default:
      each_combination(scratch.counted_choices, scratch.counted, [&] {
        // What is no number does not count, as an absent field.
        if (const auto number = windows::parse_exact(scratch.counted.front())) arrive(0, *number);
      });
  }
  if (!measure || !measure->holds) return;
  give({link.rule, source.time, scratch.group, measure->value});
  if (links_[link.rule].empty()) return;
  const Source above{.fields = &rules_->rules()[link.rule].correlation()->group_by, .group = scratch.group, .refs = refs_, .time = source.time};
  for (const Link& next : links_[link.rule]) count(next, above, give, depth + 1);
}

windows::CounterCounts Stream::counts() const {
  windows::CounterCounts out;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const windows::CounterCounts each = counters_->counts(i);
    out.keys += each.keys;
    out.entries += each.entries;
    out.arrived += each.arrived;
    out.duplicates += each.duplicates;
    out.late += each.late;
    out.keys_evicted += each.keys_evicted;
    out.entries_dropped += each.entries_dropped;
  }
  return out;
}

}  // namespace tocsin::sigma
