// evaluate.cpp: the tree of a rule walked over one event.
#include "tests/reference/evaluate.h"

#include "tests/reference/clock.h"

namespace tocsin::reference {
namespace {

bool same_text(std::string_view a, std::string_view b, bool cased) { return like(plain_pattern(letters_of(a)), letters_of(b), cased); }

/// The words of a log source differ in ASCII case at most.
bool same_source(std::string_view wanted, std::string_view found) { return wanted.empty() || same_text(wanted, found, false); }

bool holds_somewhere(std::string_view text, std::string_view part, Question::Where where, bool cased) {
  const auto fold = [&](std::string_view each) {
    std::string out(each);
    for (char& c : out)
      if (!cased && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  };
  const std::string whole = fold(text), piece = fold(part);
  switch (where) {
    case Question::Where::whole: return whole == piece;
    case Question::Where::start: return whole.starts_with(piece);
    case Question::Where::end: return whole.ends_with(piece);
    case Question::Where::anywhere: return whole.find(piece) != std::string::npos;
  }
  return false;
}

bool holds(const Selection& selection, const Event& event) {
  const auto each = [&](const Selection& part) { return holds(part, event); };
  switch (selection.kind) {
    case Selection::Kind::item: return reference::holds(selection.item, event);
    case Selection::Kind::all: return std::all_of(selection.parts.begin(), selection.parts.end(), each);
    case Selection::Kind::any: return std::any_of(selection.parts.begin(), selection.parts.end(), each);
  }
  return false;
}

bool holds(const Condition& condition, const Detection& detection, const Event& event) {
  const auto each = [&](const Condition& part) { return holds(part, detection, event); };
  switch (condition.kind) {
    case Condition::Kind::name: return holds(detection.selections.at(condition.name), event);
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), each);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), each);
    case Condition::Kind::no: return !each(condition.parts[0]);
  }
  return false;
}

}  // namespace

bool answers(const Question& question, const Value& value, const Event& event) {
  using Kind = Value::Kind;
  if (question.kind == Question::Kind::null) return value.kind == Kind::null;
  if (value.kind == Kind::null) return false;
  if (!question.part.empty()) {
    const auto moment = moment_of(value);
    if (!moment) return false;
    const Decimal part = *decimal_of(std::to_string(part_of(*moment, question.part)));
    return holds(compare(part, question.number), question.kind == Question::Kind::number ? Comparison::eq : question.comparison);
  }
  switch (question.kind) {
    case Question::Kind::like:
      return like(question.pattern, question.bytes ? letters_of_bytes(value.text) : letters_of(value.text), question.cased, question.bytes);
    case Question::Kind::regex: return question.regex.found_in(letters_of(value.text));
    case Question::Kind::network: return question.network.holds(value.text);
    case Question::Kind::number: {
      if (value.kind != Kind::number) return question.text == value.text;
      const auto number = decimal_of(value.text);
      return number && compare(*number, question.number) == 0;
    }
    case Question::Kind::compare: {
      const auto number = value.kind == Kind::boolean ? std::nullopt : decimal_of(value.text);
      return number && holds(compare(*number, question.number), question.comparison);
    }
    case Question::Kind::other_field: {
      const auto other = event.fields.find(question.text);
      return other != event.fields.end() && std::any_of(other->second.begin(), other->second.end(), [&](const Value& each) {
        return each.kind != Kind::null && holds_somewhere(value.text, each.text, question.where, question.cased);
      });
    }
    case Question::Kind::null: break;
  }
  return false;
}

bool holds(const Item& item, const Event& event) {
  const auto at = event.fields.find(item.field);
  const bool present = at != event.fields.end();
  if (item.exists) return (present == *item.exists) != item.negated;
  std::vector<Value> values = present ? at->second : std::vector<Value>();
  if (item.field.empty()) {
    for (const auto& [name, all] : event.fields)
      for (const Value& value : all)
        if (value.kind == Value::Kind::text) values.push_back(value);
  }
  const auto says_yes = [&](const Question& question) {
    if (question.kind == Question::Kind::null && values.empty()) return true;
    return std::any_of(values.begin(), values.end(), [&](const Value& value) { return answers(question, value, event); });
  };
  const auto one = [&](const std::vector<Question>& questions) { return std::any_of(questions.begin(), questions.end(), says_yes); };
  const bool yes = item.all ? std::all_of(item.values.begin(), item.values.end(), one) : std::any_of(item.values.begin(), item.values.end(), one);
  return yes != item.negated;
}

bool says_yes(const Rule& rule, const Event& event, bool any_source) {
  const bool source = same_source(rule.product, event.product) && same_source(rule.category, event.category) && same_source(rule.service, event.service);
  return (any_source || source) && rule.detection && holds(rule.detection->condition, *rule.detection, event) &&
         std::all_of(rule.filters.begin(), rule.filters.end(), [&](const Detection& filter) { return holds(filter.condition, filter, event); });
}

}  // namespace tocsin::reference
