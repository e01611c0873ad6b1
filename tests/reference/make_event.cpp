// make_event.cpp: walks down a rule's condition and does what each part asks for.
#include "tests/reference/make_event.h"

#include "tests/reference/make_item.h"

namespace tocsin::reference {
namespace {

void fulfil(Dice& dice, const MadeItem& item, Event& event) {
  if (item.negated && dice.percent(70)) return;   // An absent field fulfils what is negated; a hit breaks it.
  const std::size_t chosen = dice.below(item.values.size());
  for (std::size_t i = 0; i < item.values.size(); ++i)
    if (item.all || i == chosen || dice.percent(10)) item.values[i].fulfil(dice, event);
}

void fulfil(Dice& dice, const MadeSelection& selection, Event& event) {
  if (selection.kind == MadeSelection::Kind::item) return fulfil(dice, selection.item, event);
  const std::size_t chosen = dice.below(selection.parts.size());
  for (std::size_t i = 0; i < selection.parts.size(); ++i)
    if (selection.kind == MadeSelection::Kind::map || i == chosen) fulfil(dice, selection.parts[i], event);
}

void fulfil(Dice& dice, const MadeCondition& condition, const MadeDetection& detection, Event& event) {
  using Kind = MadeCondition::Kind;
  switch (condition.kind) {
    case Kind::no:
      if (dice.percent(25)) fulfil(dice, condition.parts[0], detection, event);
      return;
    case Kind::all:
      for (const MadeCondition& part : condition.parts) fulfil(dice, part, detection, event);
      return;
    case Kind::any: return fulfil(dice, dice.pick(condition.parts), detection, event);
    case Kind::name:
      for (const auto& [name, selection] : detection.selections)
        if (name == condition.text) fulfil(dice, selection, event);
      return;
    case Kind::one_of:
    case Kind::all_of: {
      const auto meant = selections_of(detection, condition.text);
      if (meant.empty()) return;
      const std::size_t chosen = dice.pick(meant);
      for (const std::size_t each : meant)
        if (condition.kind == Kind::all_of || each == chosen) fulfil(dice, detection.selections[each].second, event);
      return;
    }
  }
}

void fulfil(Dice& dice, const MadeDetection& detection, Event& event) { fulfil(dice, dice.pick(detection.conditions), detection, event); }

void mutate_value(Dice& dice, Value& value) {
  Letters letters = letters_of(value.text);
  const std::size_t edge = dice.percent(50) || letters.empty() ? 0 : letters.size() - 1;
  const bool text = value.kind == Value::Kind::text;
  switch (dice.below(9)) {
    case 0: value = {}; break;
    case 1: value = {Value::Kind::text, ""}; break;
    case 2:
      if (text) value.text = utf8_of(flip_case(dice, letters, 60));
      break;
    case 3:
      if (text && !letters.empty()) letters[edge] = make_letter(dice, false);
      if (text) value.text = utf8_of(letters);
      break;
    case 4:
      if (text && !letters.empty()) letters.erase(dice.percent(50) ? edge : dice.below(letters.size()), 1);
      if (text) value.text = utf8_of(letters);
      break;
    case 5:
      if (text) value.text = utf8_of(make_letters(dice, 1, 2, false)) + value.text;
      break;
    case 6:
      if (text) value.text += dice.percent(20) ? "\n" : utf8_of(make_letters(dice, 1, 2, false));
      break;
    case 7:
      if (value.kind == Value::Kind::number || value.kind == Value::Kind::boolean) value.kind = Value::Kind::text;
      break;
    default: value = dice.percent(50) ? Value{Value::Kind::number, make_number(dice)} : Value{Value::Kind::boolean, "true"}; break;
  }
}

}  // namespace

Event make_witness(Dice& dice, const MadeRule& rule) {
  Event out;
  out.product = rule.product.empty() ? "p" : rule.product;
  out.category = rule.category.empty() && dice.percent(50) ? "c" : rule.category;
  out.service = rule.service.empty() && dice.percent(50) ? "s" : rule.service;
  if (dice.percent(10)) out.product = "P";
  fulfil(dice, rule.detection, out);
  if (rule.filter) fulfil(dice, *rule.filter, out);
  return out;
}

void mutate(Dice& dice, Event& event) {
  if (dice.percent(4)) {
    (dice.percent(50) ? event.product : event.category) = dice.percent(50) ? "q" : "";
    return;
  }
  if (event.fields.empty() || dice.percent(5)) {
    add_value(event, make_field(dice), Value::Kind::text, utf8_of(make_letters(dice, 0, 5, false)));
    return;
  }
  const auto at = std::next(event.fields.begin(), static_cast<std::ptrdiff_t>(dice.below(event.fields.size())));
  std::vector<Value>& values = at->second;
  const std::size_t roll = dice.below(10);
  if (roll == 0) {
    event.fields.erase(at);
  } else if (roll == 1) {
    values.clear();
  } else if (roll == 2 || values.empty()) {
    const Value more{Value::Kind::text, utf8_of(make_letters(dice, 0, 5, false))};
    values.insert(dice.percent(50) ? values.begin() : values.end(), more);
  } else {
    mutate_value(dice, values[dice.below(values.size())]);
  }
}

std::vector<Event> smaller(const Event& event) {
  std::vector<Event> out;
  for (const auto& [name, values] : event.fields) {
    out.push_back(event);
    out.back().fields.erase(name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      out.push_back(event);
      out.back().fields[name].erase(out.back().fields[name].begin() + static_cast<std::ptrdiff_t>(i));
      const Letters letters = letters_of(values[i].text);
      for (std::size_t j = 0; values[i].kind == Value::Kind::text && j < letters.size(); ++j) {
        Letters less = letters;
        less.erase(j, 1);
        out.push_back(event);
        out.back().fields[name][i].text = utf8_of(less);
      }
    }
  }
  return out;
}

std::string text_of(const Event& event) {
  std::string out = fmt::format("product={} category={} service={}", event.product, event.category, event.service);
  constexpr std::string_view kKinds[] = {"null", "boolean", "number", "text"};
  for (const auto& [name, values] : event.fields) {
    out += "\n  " + name + ":";
    for (const Value& value : values) {
      out += fmt::format(" {} \"", kKinds[static_cast<std::size_t>(value.kind)]);
      for (const char c : value.text) out += static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
      out += "\"";
    }
  }
  return out;
}

}  // namespace tocsin::reference
