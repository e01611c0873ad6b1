// program.h: the trees of all rules laid out flat, and the answer of one rule for one event.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include "daemon/sigma/engine/affixes.h"
#include "daemon/sigma/engine/event_memory.h"
#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Immutable once all rules are added; points into the rules, which must outlive it.
class Program {
 public:
  using Entry = std::uint32_t;
  Entry add(const Detection& detection);
  /// No more rules will come: lets go of what only adding needs.
  void seal() { known_ = {}; }
  std::size_t items() const { return items_.size(); }

  bool holds(Entry entry, const Event& event, EventMemory& memory) const;

 private:
  struct Node {
    enum class Kind : std::uint8_t { all, any, no, item };
    Kind kind;
    std::uint32_t first, count;   ///< Of children_; or the item, and its field.
    std::uint32_t cost;           ///< A guess, to ask the cheap parts first.
    bool needs_value = false, negated = false;   ///< Of an item: without a value its answer is `negated`.
    bool of_value = false;        ///< Of an item: nothing but the values of its field decides.
  };
  struct Test {
    enum class Kind : std::uint8_t { any, equal, prefix, suffix, inside, pieces, pattern, other };
    Kind kind = Kind::other;
    bool cased = false;
    std::string_view text;                   ///< In lower case, unless cased.
    GramProbe probe;                         ///< Of texts that stand inside.
    const Pattern* pattern = nullptr;
    const Predicate* other = nullptr;
    std::uint32_t first = 0, count = 0;      ///< Of pieces_: texts with `*` between; an empty one begins or ends a pattern that does so with `*`.
  };
  struct Item {
    FieldTable::Slot slot;
    bool all, negated;
    std::uint32_t first, count;              ///< Of values_.
    bool needs_value = true;                 ///< No test can hold where the event has no value.
    bool of_value = true;                    ///< No test looks at anything but the values.
    std::uint32_t cost = 0;
    const absl::flat_hash_set<std::string_view>* equals = nullptr;   ///< In place of many tests for equality,
    const Affixes* ends = nullptr;                                   ///< or for an end.
  };
  struct Range {
    std::uint32_t first, count;              ///< Of tests_: alternatives of one value.
  };

  Entry add(const Condition& condition, const Detection& detection);
  Entry add(const Selection& selection);
  Entry add_list(Node::Kind kind, std::vector<Entry> parts);
  std::uint32_t add_item(const sigma::Item& item);
  static std::uint32_t cost_of(Test::Kind kind);
  Test test_of(FieldTable::Slot slot, const Predicate& predicate);
  bool answer(const Item& item, const Event& event, FoldedValues& folded) const;
  bool met(const Range& alternatives, const Item& item, const Event& event, FoldedValues& folded) const;
  bool met(const Test& test, const Event& event, const Value& value, FoldedValues& folded) const;
  bool in_order(const Test& test, std::string_view text) const;

  std::vector<Node> nodes_;
  std::vector<Entry> children_;
  std::vector<Item> items_;
  std::vector<Range> values_;
  std::vector<Test> tests_;
  std::vector<std::string_view> pieces_;
  std::deque<std::string> texts_;
  std::deque<absl::flat_hash_set<std::string_view>> equals_;
  std::deque<Affixes> ends_;
  absl::flat_hash_map<std::string, std::uint32_t> known_;   ///< Items by what they ask.
};

}  // namespace tocsin::sigma
