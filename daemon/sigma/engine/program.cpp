// program.cpp: laying out and answering. What is not a comparison of texts goes to meets().
#include "daemon/sigma/engine/program.h"

#include "daemon/sigma/engine/find_text.h"
#include "daemon/sigma/engine/fold_case.h"

namespace tocsin::sigma {
namespace {

constexpr std::size_t kHashFrom = 8;   // So many tests for equality, or for an end, cost more one by one.

/// Can the test only hold where the event has a value?
bool needs_value(const Predicate& test) {
  return std::visit([](const auto& each) {
    using Kind = std::decay_t<decltype(each)>;
    return !std::is_same_v<Kind, IsNull> && !std::is_same_v<Kind, Exists>;
  }, test);
}

/// Do the values of the field alone decide?
bool of_value(const Predicate& test) { return !std::holds_alternative<SameAs>(test); }

std::size_t length_of(const std::vector<Predicate>& alternatives) {
  const auto* text = std::get_if<TextIs>(&alternatives.front());
  if (text == nullptr) return 0;
  std::size_t out = 0;
  for (const SigmaString::Part& part : text->pattern.string().parts) out += part.text.size();
  return out;
}

}  // namespace

Program::Entry Program::add(const Detection& detection) { return add(detection.condition, detection); }

Program::Entry Program::add_list(Node::Kind kind, std::vector<Entry> parts) {
  if (parts.size() == 1 && kind != Node::Kind::no) return parts[0];
  std::stable_sort(parts.begin(), parts.end(), [&](Entry a, Entry b) { return nodes_[a].cost < nodes_[b].cost; });
  std::uint32_t cost = 0;
  for (const Entry part : parts) cost += nodes_[part].cost;
  const auto first = static_cast<std::uint32_t>(children_.size());
  children_.insert(children_.end(), parts.begin(), parts.end());
  nodes_.push_back({kind, first, static_cast<std::uint32_t>(parts.size()), cost});
  return static_cast<Entry>(nodes_.size() - 1);
}

Program::Entry Program::add(const Condition& condition, const Detection& detection) {
  if (condition.kind == Condition::Kind::selection) return add(detection.selections[condition.selection]);
  std::vector<Entry> parts;
  for (const Condition& part : condition.parts) parts.push_back(add(part, detection));
  return add_list(condition.kind == Condition::Kind::all   ? Node::Kind::all
                  : condition.kind == Condition::Kind::any ? Node::Kind::any
                                                           : Node::Kind::no, std::move(parts));
}

Program::Entry Program::add(const Selection& selection) {
  if (selection.kind == Selection::Kind::item) {
    const std::uint32_t item = add_item(selection.item);
    const Item& asked = items_[item];
    nodes_.push_back({Node::Kind::item, item, asked.slot, asked.cost, asked.needs_value, asked.negated, asked.of_value});
    return static_cast<Entry>(nodes_.size() - 1);
  }
  std::vector<Entry> parts;
  for (const Selection& part : selection.parts) parts.push_back(add(part));
  return add_list(selection.kind == Selection::Kind::all ? Node::Kind::all : Node::Kind::any, std::move(parts));
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
    if (kind == Test::Kind::inside) out.probe = Grams::probe_of(folded(literal));
  };
  using Kind = SigmaString::Kind;
  if (parts.empty()) keep(Test::Kind::equal, "");
  else if (parts.size() == 1 && is(0, Kind::literal)) keep(Test::Kind::equal, parts[0].text);
  else if (parts.size() == 1 && is(0, Kind::any)) out.kind = Test::Kind::any;
  else if (parts.size() == 2 && is(0, Kind::literal) && is(1, Kind::any)) keep(Test::Kind::prefix, parts[0].text);
  else if (parts.size() == 2 && is(0, Kind::any) && is(1, Kind::literal)) keep(Test::Kind::suffix, parts[1].text);
  else if (parts.size() == 3 && is(0, Kind::any) && is(1, Kind::literal) && is(2, Kind::any)) keep(Test::Kind::inside, parts[1].text);
  else if (std::none_of(parts.begin(), parts.end(), [](const SigmaString::Part& part) { return part.kind == Kind::one; })) {
    out.kind = Test::Kind::pieces;
    out.first = static_cast<std::uint32_t>(pieces_.size());
    if (is(0, Kind::any)) pieces_.emplace_back();
    for (const SigmaString::Part& part : parts) {
      if (part.kind == Kind::literal) pieces_.push_back(texts_.emplace_back(out.cased ? part.text : folded(part.text)));
    }
    if (parts.back().kind == Kind::any) pieces_.emplace_back();
    out.count = static_cast<std::uint32_t>(pieces_.size()) - out.first;
    const auto longest = std::max_element(pieces_.begin() + out.first, pieces_.end(), [](auto a, auto b) { return a.size() < b.size(); });
    out.probe = Grams::probe_of(folded(*longest));
  }
  return out;
}

std::uint32_t Program::cost_of(Test::Kind kind) {
  switch (kind) {
    case Test::Kind::any:
    case Test::Kind::equal:
    case Test::Kind::prefix:
    case Test::Kind::suffix: return 1;
    case Test::Kind::inside: return 4;
    case Test::Kind::pieces: return 8;
    case Test::Kind::pattern:
    case Test::Kind::other: return 40;
  }
  return 0;
}

std::uint32_t Program::add_item(const sigma::Item& item) {
  Item out{item.slot, item.all, item.negated, static_cast<std::uint32_t>(values_.size()), 0};
  std::string asks = fmt::format("{}{}{}", item.slot, item.all ? "a" : "o", item.negated ? "n" : "p");
  bool shareable = true;
  const bool hashable = !item.all && item.values.size() >= kHashFrom && item.slot != kSubjectSlot;
  bool equal_only = hashable, ends_only = hashable;
  const std::size_t tests_before = tests_.size(), values_before = values_.size();
  std::vector<const std::vector<Predicate>*> values;
  for (const std::vector<Predicate>& value : item.values) values.push_back(&value);
  // Where all are needed, the longest text is the one most often missing.
  if (item.all) std::stable_sort(values.begin(), values.end(), [](const auto* a, const auto* b) { return length_of(*a) > length_of(*b); });
  for (const std::vector<Predicate>* value : values) {
    values_.push_back({static_cast<std::uint32_t>(tests_.size()), static_cast<std::uint32_t>(value->size())});
    asks += ';';
    for (const Predicate& predicate : *value) {
      const Test test = test_of(item.slot, predicate);
      shareable = shareable && test.kind != Test::Kind::other && test.kind != Test::Kind::pattern;
      equal_only = equal_only && test.kind == Test::Kind::equal && !test.cased;
      ends_only = ends_only && test.kind == Test::Kind::suffix && !test.cased;
      out.needs_value = out.needs_value && item.slot != kSubjectSlot && needs_value(predicate);
      out.of_value = out.of_value && item.slot != kSubjectSlot && of_value(predicate);
      out.cost += cost_of(test.kind);
      asks += fmt::format("{}{}{}:", static_cast<int>(test.kind), test.cased ? "c" : "", test.text.size());
      asks += test.text;
      for (std::uint32_t i = 0; i < test.count; ++i) asks += fmt::format("{}:{}", pieces_[test.first + i].size(), pieces_[test.first + i]);
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
  if (ends_only) {
    Affixes& ends = ends_.emplace_back(Affixes::From::back);
    for (std::size_t i = tests_before; i < tests_.size(); ++i) ends.add(tests_[i].text, 0);
    out.ends = &ends;
  }
  if (equal_only || ends_only) out.cost = 4;
  items_.push_back(out);
  return static_cast<std::uint32_t>(items_.size() - 1);
}

bool Program::holds(Entry entry, const Event& event, EventMemory& memory) const {
  const Node& node = nodes_[entry];
  const auto part = [&](std::uint32_t i) { return holds(children_[node.first + i], event, memory); };
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
  if (node.needs_value && event.count(node.count) == 0) return node.negated;
  if (KnownValue* const known = node.of_value ? memory.known.of(event, node.count) : nullptr) {
    if (const auto answered = known->answer(node.first)) return *answered;
    const bool yes = answer(items_[node.first], event, memory.folded);
    known->keep_answer(node.first, yes);
    return yes;
  }
  if (const auto answered = memory.answers.at(node.first); answered != ItemAnswers::Known::no_answer) return answered == ItemAnswers::Known::yes;
  const bool yes = answer(items_[node.first], event, memory.folded);
  memory.answers.set(node.first, yes);
  return yes;
}

bool Program::answer(const Item& item, const Event& event, FoldedValues& folded) const {
  if (item.ends != nullptr) {
    for (const Value& value : event.values(item.slot)) {
      bool met = false;
      if (value.type != ValueType::null) item.ends->find(folded.at(event, value), [&](std::uint32_t) { met = true; });
      if (met) return !item.negated;
    }
    return item.negated;
  }
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

/// The first piece at the front, the last at the end, and each between at the earliest place: what an earlier place leaves
/// over, a later one leaves over too.
bool Program::in_order(const Test& test, std::string_view text) const {
  const std::string_view front = pieces_[test.first], back = pieces_[test.first + test.count - 1];
  if (text.size() < front.size() + back.size() || !text.starts_with(front) || !text.ends_with(back)) return false;
  text = text.substr(front.size(), text.size() - front.size() - back.size());
  for (std::uint32_t i = 1; i + 1 < test.count; ++i) {
    const std::string_view piece = pieces_[test.first + i];
    const char* const at = find_text(text, piece);
    if (at == nullptr) return false;
    text.remove_prefix(static_cast<std::size_t>(at - text.data()) + piece.size());
  }
  return true;
}

bool Program::met(const Test& test, const Event& event, const Value& value, FoldedValues& folded) const {
  if (test.kind == Test::Kind::any) return true;
  if (test.kind == Test::Kind::pattern) return test.pattern->matches(value.raw);
  if (value.raw.size() < test.text.size() || !folded.may_hold(event, value, test.probe)) return false;
  const std::string_view text = test.cased ? value.raw : folded.at(event, value);
  switch (test.kind) {
    case Test::Kind::equal: return text == test.text;
    case Test::Kind::prefix: return text.starts_with(test.text);
    case Test::Kind::suffix: return text.ends_with(test.text);
    case Test::Kind::inside: return find_text(text, test.text) != nullptr;
    case Test::Kind::pieces: return in_order(test, text);
    default: return false;
  }
}

}  // namespace tocsin::sigma
