// program.h: the trees of all rules laid out flat, and the answer of one rule for one event.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Values of the event in work in lower case, each folded at most once.
class FoldedValues {
 public:
  void begin(const Event& event);
  std::string_view at(const Event& event, const Value& value);

 private:
  std::vector<std::string_view> folded_;   ///< By place in all_values(); null data: not yet.
  std::unique_ptr<char[]> bytes_;
  std::size_t room_ = 0, used_ = 0;
};

/// Answers of items that several rules share, for the event in work.
class ItemAnswers {
 public:
  void begin(std::size_t items);
  enum class Known : std::uint8_t { no_answer, no, yes };
  Known at(std::uint32_t item) const {
    const std::uint32_t cell = cells_[item];
    return cell >> 1U != stamp_ ? Known::no_answer : (cell & 1U) != 0 ? Known::yes : Known::no;
  }
  void set(std::uint32_t item, bool yes) { cells_[item] = stamp_ << 1U | static_cast<std::uint32_t>(yes); }

 private:
  std::vector<std::uint32_t> cells_;
  std::uint32_t stamp_ = 0;
};

/// Immutable once all rules are added; points into the rules, which must outlive it.
class Program {
 public:
  using Entry = std::uint32_t;
  Entry add(const Detection& detection);
  std::size_t items() const { return items_.size(); }

  bool holds(Entry entry, const Event& event, FoldedValues& folded, ItemAnswers& answers) const;

 private:
  struct Node {
    enum class Kind : std::uint8_t { all, any, no, item };
    Kind kind;
    std::uint32_t first, count;   ///< Of children_; or the item.
  };
  struct Test {
    enum class Kind : std::uint8_t { any, equal, prefix, suffix, inside, pattern, other };
    Kind kind = Kind::other;
    bool cased = false;
    std::string_view text;                   ///< In lower case, unless cased.
    const Pattern* pattern = nullptr;
    const Predicate* other = nullptr;
  };
  struct Item {
    FieldTable::Slot slot;
    bool all, negated;
    std::uint32_t first, count;              ///< Of values_.
    const absl::flat_hash_set<std::string_view>* equals = nullptr;   ///< In place of many tests for equality.
  };
  struct Range {
    std::uint32_t first, count;              ///< Of tests_: alternatives of one value.
  };

  Entry add(const Condition& condition, const Detection& detection);
  Entry add(const Selection& selection);
  Entry add_list(Node::Kind kind, const std::vector<Entry>& parts);
  std::uint32_t add_item(const sigma::Item& item);
  Test test_of(FieldTable::Slot slot, const Predicate& predicate);
  bool answer(const Item& item, const Event& event, FoldedValues& folded) const;
  bool met(const Range& alternatives, const Item& item, const Event& event, FoldedValues& folded) const;
  static bool met(const Test& test, const Event& event, const Value& value, FoldedValues& folded);

  std::vector<Node> nodes_;
  std::vector<Entry> children_;
  std::vector<Item> items_;
  std::vector<Range> values_;
  std::vector<Test> tests_;
  std::deque<std::string> texts_;
  std::deque<absl::flat_hash_set<std::string_view>> equals_;
  absl::flat_hash_map<std::string, std::uint32_t> known_;   ///< Items by what they ask.
};

}  // namespace tocsin::sigma
