// predicate.h: one question to a field of an event, compiled.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "daemon/model/event.h"
#include "daemon/sigma/language/network.h"
#include "daemon/sigma/language/pattern.h"
#include "daemon/sigma/language/time_part.h"

namespace re2 {
class RE2;
}

namespace tocsin::sigma {

/// `subjects.ref` is no field of the document: the engine reads the hashes of the event's subjects, as hex. It has always
/// the first slot behind kAll, and mappings leave it empty.
inline constexpr FieldTable::Slot kSubjectSlot = 1;
inline constexpr std::string_view kSubjectField = "subjects.ref";

enum class Operator : std::uint8_t { gt, gte, lt, lte, eq, neq };
std::string_view name_of(Operator op);

struct TextIs { Pattern pattern; };                        ///< Any value of the field matches the pattern.
struct NumberIs { std::string token; };                    ///< Equal as numbers, or a text written the same.
struct NumberCompares { Operator op; std::string token; }; ///< Of numbers and of texts that are numbers.
struct IsNull {};                                          ///< Absent, an empty list, or a null among the values.
struct Exists { bool wanted; };                            ///< Present, whatever the value.
struct RegexFinds { std::shared_ptr<const re2::RE2> expression; };
struct InNetwork { Network network; };
/// Any value here against any value of another field.
struct SameAs {
  enum class Where : std::uint8_t { whole, start, end, inside };
  FieldTable::Slot other;
  Where where;
  bool cased;
};
/// A number of the date that the field holds, as the wall clock of the zone shows it; null is UTC.
struct TimeIs {
  TimePart part;
  Operator op;
  std::int64_t number;
  std::shared_ptr<const TimeZone> zone;
};
using Predicate = std::variant<TextIs, NumberIs, NumberCompares, IsNull, Exists, RegexFinds, InNetwork, SameAs, TimeIs>;

/// Of a field with several values, one that meets the test is enough. Any thread.
bool meets(const Event& event, FieldTable::Slot slot, const Predicate& test);

/// Calls visit(Value) for every value of the slot until it returns true, and says whether it did.
template <typename Visit>
bool any_value(const Event& event, FieldTable::Slot slot, Visit&& visit) {
  if (slot == kSubjectSlot) {
    for (const Subject& subject : event.subjects) {
      const std::string hex = subject.ref.hex();
      if (visit(Value{ValueType::text, hex})) return true;
    }
    return false;
  }
  const std::span<const Value> values = event.values(slot);
  return std::any_of(values.begin(), values.end(), visit);
}

inline bool is_present(const Event& event, FieldTable::Slot slot) {
  return slot == kSubjectSlot ? !event.subjects.empty() : event.present(slot);
}

}  // namespace tocsin::sigma
