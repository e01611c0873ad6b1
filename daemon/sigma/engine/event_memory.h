// event_memory.h: what is worked out about the event in work, each thing at most once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/sigma/engine/grams.h"
#include "daemon/sigma/engine/known_values.h"

namespace tocsin::sigma {

/// Values of the event in work in lower case, each folded at most once.
class FoldedValues {
 public:
  void begin(const Event& event);
  std::string_view at(const Event& event, const Value& value);
  /// May the text of the probe stand inside the value, in any case?
  bool may_hold(const Event& event, const Value& value, const GramProbe& probe);

 private:
  std::vector<std::string_view> folded_;   ///< By place in all_values(); null data: not yet.
  std::vector<std::uint32_t> gram_of_;     ///< The same for grams_, from kPatience on; less: how often was asked before there were any.
  std::vector<Grams> grams_;
  std::size_t grams_used_ = 0;
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

/// Reused from event to event. Used from one thread.
struct EventMemory {
  FoldedValues folded;
  ItemAnswers answers;
  KnownValues known;

  void begin(const Event& event, std::size_t items) {
    folded.begin(event);
    answers.begin(items);
    known.begin(event.slots());
  }
};

}  // namespace tocsin::sigma
