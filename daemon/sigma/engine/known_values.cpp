// known_values.cpp: a hash table of two ways; the value that was used longer ago gives way.
#include "daemon/sigma/engine/known_values.h"

#include <absl/hash/hash.h>

#include <algorithm>

namespace tocsin::sigma {

void KnownValue::keep_rules(std::span<const std::uint32_t> rules) {
  if (rules.size() > kRulesMost) return;
  std::copy(rules.begin(), rules.end(), rules_.begin());
  rule_count_ = static_cast<std::uint16_t>(rules.size());
  has_rules_ = true;
}

void KnownValues::begin(std::size_t slots) {
  places_.resize(slots);
  if (++event_ != 0) return;
  // Once in four billion events every mark must be told.
  for (Place& place : places_) place.event = 0;
  for (auto& ways : sets_) {
    for (auto& known : ways) known.reset();
  }
  event_ = 1;
}

KnownValue* KnownValues::look(const Value& value, FieldTable::Slot slot, Place& place) {
  if (slot == FieldTable::kAll || value.raw.size() > kLongest) return nullptr;
  if (place.rest > 0) {
    --place.rest;
    return nullptr;
  }
  const std::uint64_t hash = absl::HashOf(value.raw, slot);
  KnownValue* found = nullptr;
  for (auto& known : sets_[hash % kSets]) {
    if (known != nullptr && known->is(hash, slot, value)) found = known.get();
  }
  ++place.tries;
  if (found != nullptr) ++place.hits;
  if (place.tries == kTrial) {
    if (place.hits < kHitsLeast) place.rest = kRest;
    place.tries = place.hits = 0;
  }
  if (found == nullptr) found = take(hash, value, slot);
  if (found != nullptr) found->used_in_ = event_;
  return found;
}

/// A cell for a new value; null where this event still reads all that it could have.
KnownValue* KnownValues::take(std::uint64_t hash, const Value& value, FieldTable::Slot slot) {
  std::unique_ptr<KnownValue>* oldest = nullptr;
  for (auto& known : sets_[hash % kSets]) {
    if (known == nullptr) known = std::make_unique<KnownValue>();
    if (known->used_in_ != event_ && (oldest == nullptr || known->used_in_ < (*oldest)->used_in_)) oldest = &known;
  }
  if (oldest == nullptr) return nullptr;
  KnownValue& out = **oldest;
  out.hash_ = hash;
  out.slot_ = slot;
  out.type_ = value.type;
  std::copy(value.raw.begin(), value.raw.end(), out.text_.begin());
  out.length_ = static_cast<std::uint16_t>(value.raw.size());
  out.has_rules_ = false;
  out.answers_.fill(0);
  return &out;
}

}  // namespace tocsin::sigma
