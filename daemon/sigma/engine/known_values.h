// known_values.h: what came of a value of a field the last time: events repeat the same few images, users and channels.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/model/event.h"

namespace tocsin::sigma {

/// One value of one field, and what follows from it alone, whatever else the event holds.
class KnownValue {
 public:
  /// The rules that the index names for it; nullopt: not worked out yet, or too many to keep.
  std::optional<std::span<const std::uint32_t>> rules() const { return has_rules_ ? std::optional(std::span(rules_).first(rule_count_)) : std::nullopt; }
  void keep_rules(std::span<const std::uint32_t> rules);

  /// Whether the item holds. Answers may be forgotten: another item takes the cell.
  std::optional<bool> answer(std::uint32_t item) const {
    const std::uint32_t cell = answers_[item % kAnswers];
    return cell >> 1U == item + 1 ? std::optional((cell & 1U) != 0) : std::nullopt;
  }
  void keep_answer(std::uint32_t item, bool yes) { answers_[item % kAnswers] = (item + 1) << 1U | static_cast<std::uint32_t>(yes); }

 private:
  friend class KnownValues;
  static constexpr std::size_t kAnswers = 128;   // Items of one rule have numbers in a row, and so do not meet.
  static constexpr std::size_t kRulesMost = 64, kTextMost = 256;

  bool is(std::uint64_t hash, FieldTable::Slot slot, const Value& value) const {
    return hash_ == hash && slot_ == slot && type_ == value.type && std::string_view(text_.data(), length_) == value.raw;
  }

  std::uint64_t hash_ = 0;
  FieldTable::Slot slot_ = 0;
  ValueType type_ = ValueType::null;
  bool has_rules_ = false;
  std::uint16_t rule_count_ = 0, length_ = 0;
  std::uint32_t used_in_ = 0;      ///< The event that asked last.
  std::array<std::uint32_t, kAnswers> answers_{};
  std::array<std::uint32_t, kRulesMost> rules_{};
  std::array<char, kTextMost> text_{};
};

/// A table of fixed size, 2 MB when full. Used from one thread. What it holds never changes what matches, only how fast.
class KnownValues {
 public:
  static constexpr std::size_t kSets = 1'024, kWays = 2;
  static constexpr std::size_t kLongest = KnownValue::kTextMost;   ///< Bytes; longer values seldom come again.

  /// `slots` is how many fields there are.
  void begin(std::size_t slots);
  /// Null where the event has not exactly one value in the slot, or where values of the slot seldom repeat. Valid for this event.
  KnownValue* of(const Event& event, FieldTable::Slot slot) {
    Place& place = places_[slot];
    if (place.event != event_) {
      place.event = event_;
      place.value = event.count(slot) == 1 ? look(event.value(slot, 0), slot, place) : nullptr;
    }
    return place.value;
  }

 private:
  /// A slot whose values are nearly all new is left alone for a while, so that they do not push out the others.
  static constexpr std::uint32_t kTrial = 64, kHitsLeast = 16, kRest = 4'096;
  struct Place {
    std::uint32_t event = 0;
    std::uint32_t tries = 0, hits = 0, rest = 0;
    KnownValue* value = nullptr;
  };

  KnownValue* look(const Value& value, FieldTable::Slot slot, Place& place);
  KnownValue* take(std::uint64_t hash, const Value& value, FieldTable::Slot slot);

  std::uint32_t event_ = 0;
  std::vector<Place> places_;                         ///< By slot.
  std::array<std::array<std::unique_ptr<KnownValue>, kWays>, kSets> sets_;
};

}  // namespace tocsin::sigma
