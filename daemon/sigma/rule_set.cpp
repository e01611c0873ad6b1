// rule_set.cpp: what a rule that said yes hands on: its own alert, and what the correlations on top of it count.
#include "daemon/sigma/rule_set.h"

#include <fmt/ranges.h>

#include "daemon/base/limits.h"
#include "daemon/sigma/language/number.h"
#include "daemon/sigma/veil.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kEvidenceFieldsMax = 16;    // Beside those that the rule asks about, which are all shown.
constexpr std::size_t kEvidenceValuesMax = 4;     // Of one field.
constexpr std::size_t kEvidenceBytesMax = 256;    // Of one value: evidence is read by people.

using Values = std::vector<std::string>;

/// The different values of a field; null is none.
Values values_of(const Event& event, FieldTable::Slot slot) {
  Values out;
  any_value(event, slot, [&](Value value) {
    if (value.type != ValueType::null) out.emplace_back(value.raw);
    return false;
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// One value of each slot, in every combination; none where a slot has no value. No slots give one empty combination.
/// Nothing at all where they are too many or too long.
std::optional<std::vector<Values>> combinations(const Event& event, const std::vector<FieldTable::Slot>& slots) {
  std::vector<Values> out{{}};
  for (const FieldTable::Slot slot : slots) {
    std::vector<Values> longer;
    std::size_t bytes = 0;
    const Values values = values_of(event, slot);
    for (const Values& head : out) {
      for (const std::string& value : values) {
        bytes += value.size();
        for (const std::string& part : head) bytes += part.size();
        if (longer.size() == limits::kSubjectsPerEventMax || bytes > limits::kFrameBytesMax) return std::nullopt;
        longer.push_back(head);
        longer.back().push_back(value);
      }
    }
    out = std::move(longer);
  }
  return out;
}

/// Finite numbers among the values of a field, each as often as it stands there.
std::optional<Values> numbers_of(const Event& event, FieldTable::Slot slot) {
  Values out;
  any_value(event, slot, [&](Value value) {
    if (value.type != ValueType::number && value.type != ValueType::text) return false;
    // Whoever sums up the numbers of people gets nothing: a clear id never enters the log.
    if (number_of(value.raw) && number_of(veiled(value.raw, event))) out.emplace_back(value.raw);
    return out.size() > limits::kSubjectsPerEventMax;
  });
  if (out.size() > limits::kSubjectsPerEventMax) return std::nullopt;
  std::sort(out.begin(), out.end());
  return out;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kEvidenceBytesMax) return std::string(text);
  std::size_t end = kEvidenceBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

void add_values(const std::string& field, const Event& event, FieldTable::Slot slot, v1::RuleMatch& out) {
  const std::size_t n = event.count(slot);
  for (std::size_t i = 0; i < std::min(n, kEvidenceValuesMax); ++i) {
    const Value value = event.value(slot, i);
    v1::FieldValue* shown = out.add_evidence();
    shown->set_field(field);
    shown->set_value(value.type == ValueType::null ? "null" : shortened(veiled(value.raw, event)));
  }
  if (n > kEvidenceValuesMax) {
    v1::FieldValue* rest = out.add_evidence();
    rest->set_field(field);
    rest->set_value(fmt::format("… and {} more", n - kEvidenceValuesMax));
  }
}

}  // namespace

const Rule* RuleSet::find(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : rules_[at->second].get();
}

bool RuleSet::report(std::span<const std::uint32_t> found, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t& room) const {
  out.clear();
  return std::all_of(found.begin(), found.end(), [&](std::uint32_t rule) { return report(rule, event, out, room); });
}

bool RuleSet::report(std::size_t index, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t& room) const {
  const Rule& rule = *rules_[index];
  constexpr std::size_t kSubjectBytes = 32, kHashBytes = 18;
  const auto take = [&](std::size_t bytes) {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  if (rule.detection()->alerts) {
    v1::RuleMatch& own = out.emplace_back();
    own.set_rule_id(rule.id);
    own.set_base_rule_id(rule.id);
    any_value(event, group_slot_, [&](Value value) {
      if (value.type == ValueType::null) return false;
      v1::FieldValue* group = own.add_group();
      group->set_field(fields_.name(group_slot_));
      group->set_value(veiled(value.raw, event));
      return true;
    });
    add_evidence(rule, nullptr, event, own);
    if (!take(own.ByteSizeLong() + event.subjects.size() * kSubjectBytes)) return false;
  }
  for (const Link& link : links_[index]) {
    const Rule& correlation = *rules_[link.correlation];
    std::vector<std::string> hashes;
    Values numbers;
    if (link.numbers) {
      auto found = numbers_of(event, link.counted.front());
      if (!found) return false;
      numbers = std::move(*found);
    } else if (!link.counted.empty() && !correlation.correlation()->counts_subjects()) {
      const auto tuples = combinations(event, link.counted);
      if (!tuples) return false;
      for (const Values& tuple : *tuples) {
        std::string joined;  // Length before each part, as identity() does: ("ab","c") is not ("a","bc").
        for (const std::string& value : tuple) joined += fmt::format("{}:{}", value.size(), value);
        hashes.emplace_back(identity({joined}).view());
      }
      std::sort(hashes.begin(), hashes.end());
    }
    const auto groups = combinations(event, link.group);
    if (!groups) return false;
    v1::RuleMatch shown;   // The same for every group.
    if (!groups->empty()) add_evidence(rule, &link, event, shown);
    for (const Values& group : *groups) {
      if (!take(hashes.size() * kHashBytes)) return false;   // Before they are copied.
      v1::RuleMatch& match = out.emplace_back();
      match.set_rule_id(correlation.id);
      match.set_base_rule_id(rule.id);
      for (std::size_t i = 0; i < group.size(); ++i) {
        v1::FieldValue* part = match.add_group();
        part->set_field(correlation.correlation()->group_by[i]);
        part->set_value(veiled(group[i], event));
      }
      for (const std::string& hash : hashes) match.add_value_hashes(hash);
      for (const std::string& token : numbers) match.add_numbers(token);
      for (const FieldTable::Slot slot : link.peers) {
        v1::FieldValue* peer = match.add_peers();
        peer->set_field(fields_.name(slot));
        peer->set_value(veiled(fmt::format("{}", fmt::join(values_of(event, slot), " + ")), event));
      }
      *match.mutable_evidence() = shown.evidence();
      if (!take(match.ByteSizeLong() - hashes.size() * kHashBytes + event.subjects.size() * kSubjectBytes)) return false;
    }
  }
  return true;
}

void RuleSet::add_evidence(const Rule& rule, const Link* link, const Event& event, v1::RuleMatch& out) const {
  std::vector<FieldTable::Slot> slots = rule.detection()->named;
  if (link != nullptr) {
    slots.insert(slots.end(), link->group.begin(), link->group.end());
    slots.insert(slots.end(), link->counted.begin(), link->counted.end());
  }
  for (const std::string& field : rule.fields) slots.push_back(fields_.find(field));
  slots.insert(slots.end(), evidence_slots_.begin(), evidence_slots_.end());
  std::size_t shown = 0;
  for (std::size_t i = 0; i < slots.size() && (i < rule.detection()->named.size() || shown < kEvidenceFieldsMax); ++i) {
    const FieldTable::Slot slot = slots[i];
    const bool repeated = std::find(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(i), slot) !=
                          slots.begin() + static_cast<std::ptrdiff_t>(i);
    // The subjects stand beside the match as hashes; keywords have no field of their own.
    if (repeated || slot == kSubjectSlot || slot == FieldTable::kAll || event.count(slot) == 0) continue;
    add_values(fields_.name(slot), event, slot, out);
    if (i >= rule.detection()->named.size()) ++shown;
  }
}

}  // namespace tocsin::sigma
