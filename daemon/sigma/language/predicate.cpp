// predicate.cpp: how each question is answered.
#include "daemon/sigma/language/predicate.h"

#include <re2/re2.h>

#include "daemon/sigma/language/number.h"

namespace tocsin::sigma {
namespace {

template <typename Ordering>
bool holds(Operator op, Ordering order) {
  switch (op) {
    case Operator::gt: return order > 0;
    case Operator::gte: return order >= 0;
    case Operator::lt: return order < 0;
    case Operator::lte: return order <= 0;
    case Operator::eq: return order == 0;
    case Operator::neq: return order != 0;
  }
  return false;
}

bool compares(std::string_view a, SameAs::Where where, std::string_view b, bool cased) {
  switch (where) {
    case SameAs::Where::whole: return equal_text(a, b, cased);
    case SameAs::Where::start: return a.size() >= b.size() && equal_text(a.substr(0, b.size()), b, cased);
    case SameAs::Where::end: return a.size() >= b.size() && equal_text(a.substr(a.size() - b.size()), b, cased);
    case SameAs::Where::inside: return contains_text(a, b, cased);
  }
  return false;
}

/// One answer per kind of question.
struct Answer {
  const Event& event;
  FieldTable::Slot slot;

  template <typename Test>
  bool any(Test&& test) const {
    return any_value(event, slot, [&](Value value) { return value.type != ValueType::null && test(value); });
  }

  bool operator()(const TextIs& test) const {
    return any([&](Value value) { return test.pattern.matches(value.raw); });
  }
  bool operator()(const NumberIs& test) const {
    return any([&](Value value) {
      if (value.raw == test.token) return true;
      return value.type == ValueType::number && compare_numbers(value.raw, test.token) == std::partial_ordering::equivalent;
    });
  }
  bool operator()(const NumberCompares& test) const {
    return any([&](Value value) {
      const auto order = value.type == ValueType::boolean ? std::nullopt : compare_numbers(value.raw, test.token);
      return order && holds(test.op, *order);
    });
  }
  bool operator()(const IsNull&) const {
    bool none = true;
    const bool null = any_value(event, slot, [&](Value value) {
      none = false;
      return value.type == ValueType::null;
    });
    return none || null;
  }
  bool operator()(const Exists& test) const { return is_present(event, slot) == test.wanted; }
  bool operator()(const RegexFinds& test) const {
    return any([&](Value value) {
      return re2::RE2::PartialMatch(re2::StringPiece(value.raw.data(), value.raw.size()), *test.expression);
    });
  }
  bool operator()(const InNetwork& test) const {
    return any([&](Value value) { return test.network.contains(value.raw); });
  }
  bool operator()(const SameAs& test) const {
    return any([&](Value mine) {
      return any_value(event, test.other, [&](Value other) {
        return other.type != ValueType::null && compares(mine.raw, test.where, other.raw, test.cased);
      });
    });
  }
  bool operator()(const TimeIs& test) const {
    return any([&](Value value) {
      const auto time = civil_time_of(value, test.zone.get());
      return time && holds(test.op, part_of(*time, test.part) <=> test.number);
    });
  }
};

}  // namespace

std::string_view name_of(Operator op) {
  switch (op) {
    case Operator::gt: return "gt";
    case Operator::gte: return "gte";
    case Operator::lt: return "lt";
    case Operator::lte: return "lte";
    case Operator::eq: return "eq";
    case Operator::neq: return "neq";
  }
  return "";
}

bool meets(const Event& event, FieldTable::Slot slot, const Predicate& test) {
  return std::visit(Answer{event, slot}, test);
}

}  // namespace tocsin::sigma
