// program.cpp: laying out and answering. What is not a comparison of texts goes to meets().
#include "daemon/sigma/engine/program.h"

#include <cstring>

#include "daemon/sigma/engine/fold_case.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kHashFrom = 8;   // So many tests for equality cost more one by one.

bool holds_text(std::string_view text, std::string_view part) {
  return part.size() <= text.size() && ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace

void FoldedValues::begin(const Event& event) {
  folded_.assign(event.all_values().size(), {});
  used_ = 0;
}

std::string_view FoldedValues::at(const Event& event, const Value& value) {
  std::string_view& kept = folded_[static_cast<std::size_t>(&value - event.all_values().data())];
  if (kept.data() != nullptr) return kept;
  if (value.raw.empty()) return kept = std::string_view("", 0);
  if (room_ - used_ < value.raw.size()) {
    // Room for all values of the event at once: earlier ones are folded again where they are asked again.
    std::size_t all = 0;
    for (const Value& each : event.all_values()) all += each.raw.size();
    if (all > room_) {
      bytes_ = std::make_unique<char[]>(all);
      room_ = all;
    }
    std::fill(folded_.begin(), folded_.end(), std::string_view());
    used_ = 0;
  }
  char* to = bytes_.get() + used_;
  fold_case(value.raw, to);
  used_ += value.raw.size();
  return kept = std::string_view(to, value.raw.size());
}

void ItemAnswers::begin(std::size_t items) {
  cells_.resize(items);
  if (++stamp_ < (1U << 31U)) return;
  std::fill(cells_.begin(), cells_.end(), 0U);
  stamp_ = 1;
}

Program::Entry Program::add(const Detection& detection) { return add(detection.condition, detection); }

Program::Entry Program::add_list(Node::Kind kind, const std::vector<Entry>& parts) {
  if (parts.size() == 1 && kind != Node::Kind::no) return parts[0];
  const auto first = static_cast<std::uint32_t>(children_.size());
  children_.insert(children_.end(), parts.begin(), parts.end());
  nodes_.push_back({kind, first, static_cast<std::uint32_t>(parts.size())});
  return static_cast<Entry>(nodes_.size() - 1);
}

Program::Entry Program::add(const Condition& condition, const Detection& detection) {
  if (condition.kind == Condition::Kind::selection) return add(detection.selections[condition.selection]);
  std::vector<Entry> parts;
  for (const Condition& part : condition.parts) parts.push_back(add(part, detection));
  return add_list(condition.kind == Condition::Kind::all   ? Node::Kind::all
                  : condition.kind == Condition::Kind::any ? Node::Kind::any
                                                           : Node::Kind::no, parts);
}

Program::Entry Program::add(const Selection& selection) {
  if (selection.kind == Selection::Kind::item) {
    nodes_.push_back({Node::Kind::item, add_item(selection.item), 0});
    return static_cast<Entry>(nodes_.size() - 1);
  }
  std::vector<Entry> parts;
  for (const Selection& part : selection.parts) parts.push_back(add(part));
  return add_list(selection.kind == Selection::Kind::all ? Node::Kind::all : Node::Kind::any, parts);
}

Program::Test Program::test_of(FieldTable::Slot slot, const Predicate& predicate) {
  Test out;
  out.other = &predicate;
  const auto* text = std::get_if<TextIs>(&predicate);
  if (text == nullptr || slot == kSubjectSlot) return out;   // Subjects are no values of the event.
  const Pattern& pattern = text->pattern;
  const auto& parts = pattern.string().parts;
  out.pattern = &pattern;
  out.kind = Test::Kind::pattern;
  out.cased = pattern.cased();
  if (pattern.folds_unicode()) return out;
  const auto is = [&](std::size_t i, SigmaString::Kind kind) { return parts[i].kind == kind; };
  const auto keep = [&](Test::Kind kind, std::string_view literal) {
    out.kind = kind;
    out.text = texts_.emplace_back(out.cased ? std::string(literal) : folded(literal));
  };
  using Kind = SigmaString::Kind;
  if (parts.empty()) keep(Test::Kind::equal, "");
  else if (parts.size() == 1 && is(0, Kind::literal)) keep(Test::Kind::equal, parts[0].text);
  else if (parts.size() == 1 && is(0, Kind::any)) out.kind = Test::Kind::any;
  else if (parts.size() == 2 && is(0, Kind::literal) && is(1, Kind::any)) keep(Test::Kind::prefix, parts[0].text);
  else if (parts.size() == 2 && is(0, Kind::any) && is(1, Kind::literal)) keep(Test::Kind::suffix, parts[1].text);
  else if (parts.size() == 3 && is(0, Kind::any) && is(1, Kind::literal) && is(2, Kind::any)) keep(Test::Kind::inside, parts[1].text);
  return out;
}

std::uint32_t Program::add_item(const sigma::Item& item) {
  Item out{item.slot, item.all, item.negated, static_cast<std::uint32_t>(values_.size()), 0, nullptr};
  std::string asks = fmt::format("{}{}{}", item.slot, item.all ? "a" : "o", item.negated ? "n" : "p");
  bool shareable = true, equal_only = !item.all && item.values.size() >= kHashFrom && item.slot != kSubjectSlot;
  const std::size_t tests_before = tests_.size(), values_before = values_.size();
  for (const std::vector<Predicate>& value : item.values) {
    values_.push_back({static_cast<std::uint32_t>(tests_.size()), static_cast<std::uint32_t>(value.size())});
    asks += ';';
    for (const Predicate& predicate : value) {
      const Test test = test_of(item.slot, predicate);
      shareable = shareable && test.kind != Test::Kind::other && test.kind != Test::Kind::pattern;
      equal_only = equal_only && test.kind == Test::Kind::equal && !test.cased;
      asks += fmt::format("{}{}{}:", static_cast<int>(test.kind), test.cased ? "c" : "", test.text.size());
      asks += test.text;
      tests_.push_back(test);
    }
  }
  out.count = static_cast<std::uint32_t>(values_.size() - values_before);
  if (shareable) {
    const auto [at, fresh] = known_.try_emplace(std::move(asks), static_cast<std::uint32_t>(items_.size()));
    if (!fresh) {
      values_.resize(values_before);
      tests_.resize(tests_before);
      return at->second;
    }
  }
  if (equal_only) {
    auto& set = equals_.emplace_back();
    for (std::size_t i = tests_before; i < tests_.size(); ++i) set.insert(tests_[i].text);
    out.equals = &set;
  }
  items_.push_back(out);
  return static_cast<std::uint32_t>(items_.size() - 1);
}

bool Program::holds(Entry entry, const Event& event, FoldedValues& folded, ItemAnswers& answers) const {
  const Node& node = nodes_[entry];
  const auto part = [&](std::uint32_t i) { return holds(children_[node.first + i], event, folded, answers); };
  switch (node.kind) {
    case Node::Kind::all:
      for (std::uint32_t i = 0; i < node.count; ++i) {
        if (!part(i)) return false;
      }
      return true;
    case Node::Kind::any:
      for (std::uint32_t i = 0; i < node.count; ++i) {
        if (part(i)) return true;
      }
      return false;
    case Node::Kind::no: return !part(0);
    case Node::Kind::item: break;
  }
  if (const auto known = answers.at(node.first); known != ItemAnswers::Known::no_answer) return known == ItemAnswers::Known::yes;
  const bool yes = answer(items_[node.first], event, folded);
  answers.set(node.first, yes);
  return yes;
}

bool Program::answer(const Item& item, const Event& event, FoldedValues& folded) const {
  if (item.equals != nullptr) {
    for (const Value& value : event.values(item.slot)) {
      if (value.type != ValueType::null && item.equals->contains(folded.at(event, value))) return !item.negated;
    }
    return item.negated;
  }
  for (std::uint32_t i = 0; i < item.count; ++i) {
    if (met(values_[item.first + i], item, event, folded) != item.all) return item.all == item.negated;
  }
  return item.all != item.negated;
}

bool Program::met(const Range& alternatives, const Item& item, const Event& event, FoldedValues& folded) const {
  for (std::uint32_t i = 0; i < alternatives.count; ++i) {
    const Test& test = tests_[alternatives.first + i];
    if (test.kind == Test::Kind::other) {
      if (meets(event, item.slot, *test.other)) return true;
      continue;
    }
    for (const Value& value : event.values(item.slot)) {
      if (value.type != ValueType::null && met(test, event, value, folded)) return true;
    }
  }
  return false;
}

bool Program::met(const Test& test, const Event& event, const Value& value, FoldedValues& folded) {
  if (test.kind == Test::Kind::any) return true;
  if (test.kind == Test::Kind::pattern) return test.pattern->matches(value.raw);
  if (value.raw.size() < test.text.size()) return false;
  const std::string_view text = test.cased ? value.raw : folded.at(event, value);
  switch (test.kind) {
    case Test::Kind::equal: return text == test.text;
    case Test::Kind::prefix: return text.starts_with(test.text);
    case Test::Kind::suffix: return text.ends_with(test.text);
    case Test::Kind::inside: return holds_text(text, test.text);
    default: return false;
  }
}

}  // namespace tocsin::sigma
