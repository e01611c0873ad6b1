// stream.cpp: from the values of an event to groups and hits, without a text of its own.
#include "daemon/sigma/correlate/stream.h"

#include "daemon/base/limits.h"
#include "daemon/sigma/correlate/measure.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kDepthMax = 16;   // Of correlations on correlations; the reader allows fewer.
constexpr int kPlaceBits = 14;          // A number's place among those of its event.
static_assert(limits::kSubjectsPerEventMax <= std::size_t{1} << kPlaceBits);

/// Calls visit() with `out` holding one value of each choice, in every combination. None where a choice is empty. False, and no call,
/// where there are more combinations than an event may have people.
template <typename Visit>
bool each_combination(const std::vector<std::vector<std::string_view>>& choices, std::vector<std::string_view>& out, Visit&& visit) {
  std::size_t combinations = 1;
  for (const auto& values : choices) {
    if (values.empty()) return true;
  }
  for (const auto& values : choices) {
    combinations *= values.size();
    if (combinations > limits::kSubjectsPerEventMax) return false;
  }
  out.resize(choices.size());
  for (std::size_t n = 0; n < combinations; ++n) {
    std::size_t rest = n;
    for (std::size_t i = choices.size(); i-- > 0; rest /= choices[i].size()) out[i] = choices[i][rest % choices[i].size()];
    visit();
  }
  return true;
}

/// The value of a field that has one.
const std::string_view* only_value(const Event& event, FieldTable::Slot slot) {
  if (slot == kSubjectSlot) return nullptr;
  const std::span<const Value> values = event.values(slot);
  return values.size() == 1 && values[0].type != ValueType::null ? &values[0].raw : nullptr;
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
      if (event != nullptr && slots[i] == kSubjectSlot) {
        values.assign(refs.begin(), refs.end());
        continue;
      }
      each(names[i], slots[i], [&](std::string_view value) { values.push_back(value); });
      if (values.size() < 2) continue;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
    }
  }
  /// visit(value) for every value, as often as it stands there.
  template <typename Visit>
  void each(const std::string& name, FieldTable::Slot slot, Visit&& visit) const {
    if (event == nullptr) {
      for (std::size_t g = 0; g < group.size(); ++g) {
        if ((*fields)[g] == name) visit(group[g]);
      }
      return;
    }
    for (const Value& value : event->values(slot)) {
      if (value.type != ValueType::null) visit(value.raw);
    }
  }
};

Stream::Stream(std::shared_ptr<const RuleSet> rules, const StreamSettings& settings)
    : rules_(std::move(rules)), hash_(settings.seed), links_(rules_->rules().size()), scratch_(kDepthMax) {
  std::vector<windows::WindowRule> window_rules;
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    const Correlation* correlation = rules_->rules()[i].correlation();
    // Those under `tocsin:` wait for the watermark, and have no answer here.
    if (correlation == nullptr || correlation->type->counting == Counting::extension) continue;
    windows::WindowRule window = window_rule_of(rules_->rules()[i]);
    window.bucket = 0;   // Each event is asked about once, when it comes.
    Link link;
    link.rule = i;
    link.counter = static_cast<std::uint32_t>(window_rules.size());
    link.kind = window.kind;
    for (std::size_t b = 0; b < correlation->bases.size(); ++b) link_base(*correlation, b, link);
    window_rules.push_back(std::move(window));
  }
  correlations_ = window_rules.size();
  counters_ = std::make_unique<windows::Counters>(std::move(window_rules), windows::CounterSettings{.lateness = settings.lateness.count(), .seed = settings.seed});
}

void Stream::link_base(const Correlation& correlation, std::size_t base, Link link) {
  link.base = static_cast<std::uint8_t>(base);
  const auto name = [&](const std::string& field) {
    const auto alias = correlation.aliases.find(field);
    if (alias == correlation.aliases.end()) return field;
    const auto target = alias->second.find(correlation.rules[base]);
    return target == alias->second.end() ? field : target->second;
  };
  for (const std::string& field : correlation.group_by) link.group.push_back(name(field));
  for (const std::string& field : correlation.fields) link.counted.push_back(name(field));
  for (const std::string& field : link.group) link.group_slots.push_back(rules_->fields().find(field));
  for (const std::string& field : link.counted) link.counted_slots.push_back(rules_->fields().find(field));
  for (const auto* slots : {&link.group_slots, &link.counted_slots}) {
    names_people_ = names_people_ || std::find(slots->begin(), slots->end(), kSubjectSlot) != slots->end();
  }
  const auto same = std::find_if(groupings_.begin(), groupings_.end(), [&](const Grouping& each) { return each.slots == link.group_slots; });
  link.grouping = static_cast<std::uint32_t>(same - groupings_.begin());
  if (same == groupings_.end()) groupings_.emplace_back().slots = link.group_slots;
  links_[correlation.bases[base]].push_back(std::move(link));
}

bool Stream::take(const Event& event, std::span<const std::uint32_t> found, const Give& give) {
  ++events_;
  whole_ = true;
  refs_.clear();
  if (names_people_) {
    for (const Subject& subject : event.subjects) refs_.push_back(subject.ref.hex());
  }
  const Source source{.event = &event, .refs = refs_, .time = micros_of(event.time)};
  for (const std::uint32_t rule : found) {
    for (const Link& link : links_[rule]) count(link, source, give, 0);
  }
  return whole_;
}

windows::Key Stream::key_of(std::span<const std::string_view> values) const {
  KeyHash hash = hash_;
  for (const std::string_view value : values) hash.add(value);
  return hash.key();
}

const Stream::Grouping& Stream::grouping_of(const Link& link, const Event& event) {
  Grouping& out = groupings_[link.grouping];
  if (out.event == events_) return out;
  out.event = events_;
  out.single = true;
  out.values.resize(out.slots.size());
  for (std::size_t i = 0; i < out.slots.size(); ++i) {
    const std::string_view* const value = only_value(event, out.slots[i]);
    out.single = out.single && value != nullptr;
    if (value != nullptr) out.values[i] = *value;
  }
  if (out.single) out.key = key_of(out.values);
  return out;
}

void Stream::count(const Link& link, const Source& source, const Give& give, std::size_t depth) {
  if (depth == kDepthMax) return;
  if (source.event != nullptr) {
    if (const Grouping& grouping = grouping_of(link, *source.event); grouping.single) return count_group(link, source, {grouping.values, grouping.key}, give, depth);
  }
  Scratch& scratch = scratch_[depth];
  source.values(link.group, link.group_slots, scratch.group_choices);
  whole_ &= each_combination(scratch.group_choices, scratch.group, [&] { count_group(link, source, {scratch.group, key_of(scratch.group)}, give, depth); });
}

void Stream::count_group(const Link& link, const Source& source, const Group& group, const Give& give, std::size_t depth) {
  // Numbers of one event are told apart by their places.
  windows::Hit hit{.time = source.time, .event = events_ << kPlaceBits, .base = link.base};
  if (link.counted.empty()) return tell(link, source, group, counters_->arrive(link.counter, group.key, hit), give, depth);
  if (link.counted.size() == 1 && source.event != nullptr) {
    if (const std::string_view* const value = only_value(*source.event, link.counted_slots[0])) {
      if (link.kind == windows::Kind::value_count) {
        KeyHash hash = hash_;
        hash.add(*value);
        hit.value = hash.word();
      } else {
        const auto number = windows::parse_exact(*value);
        if (!number) return;   // It does not count, as an absent field.
        hit.number = *number;
      }
      return tell(link, source, group, counters_->arrive(link.counter, group.key, hit), give, depth);
    }
  }
  windows::Answer last{windows::Outcome::late, {}};
  count_values(link, source, hit, group.key, scratch_[depth], last);
  tell(link, source, group, last, give, depth);
}

void Stream::count_values(const Link& link, const Source& source, windows::Hit hit, const windows::Key& key, Scratch& scratch, windows::Answer& last) {
  if (link.kind == windows::Kind::value_count) {
    source.values(link.counted, link.counted_slots, scratch.counted_choices);
    whole_ &= each_combination(scratch.counted_choices, scratch.counted, [&] {
      KeyHash hash = hash_;
      for (const std::string_view value : scratch.counted) hash.add(value);
      hit.value = hash.word();
      last = counters_->arrive(link.counter, key, hit);
    });
    return;
  }
  // A list may hold the same number twice.
  scratch.counted.clear();
  source.each(link.counted[0], link.counted_slots[0], [&](std::string_view value) {
    if (windows::parse_exact(value)) scratch.counted.push_back(value);
  });
  if (scratch.counted.size() > limits::kSubjectsPerEventMax) {
    whole_ = false;
    return;
  }
  for (const std::string_view value : scratch.counted) {
    hit.number = *windows::parse_exact(value);
    last = counters_->arrive(link.counter, key, hit);
    ++hit.event;
  }
}

void Stream::tell(const Link& link, const Source& source, const Group& group, const windows::Answer& answer, const Give& give, std::size_t depth) {
  if (answer.outcome == windows::Outcome::late || !answer.measure.holds) return;
  give({link.rule, source.time, group.values, answer.measure.value});
  if (links_[link.rule].empty()) return;
  const Source above{.fields = &rules_->rules()[link.rule].correlation()->group_by, .group = group.values, .refs = refs_, .time = source.time};
  for (const Link& next : links_[link.rule]) count(next, above, give, depth + 1);
}

windows::CounterCounts Stream::counts() const {
  windows::CounterCounts out;
  for (std::size_t i = 0; i < correlations_; ++i) {
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
