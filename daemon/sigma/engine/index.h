// index.h: from the values of an event to the rules that are worth asking.
#pragma once

#include <memory>
#include <vector>

#include "daemon/sigma/engine/affixes.h"
#include "daemon/sigma/engine/atom.h"
#include "daemon/sigma/engine/literal_automaton.h"
#include "daemon/sigma/engine/text_index.h"

namespace tocsin::sigma {

/// What one thread needs for looking; fits every index that it was grown for.
struct LookMemory {
  ScanMemory scan;
  FoundTexts found;
  std::vector<std::uint32_t> hits;
};

/// Each rule stands behind the atoms of which it needs one. Immutable, any thread.
class Index {
 public:
  struct Filed {
    std::uint32_t rule;
    std::vector<AtomTable::Id> atoms;
  };
  Index(const AtomTable& atoms, const std::vector<Filed>& rules, std::size_t slots);

  void grow(LookMemory& memory) const;

  /// Do any of its rules want this slot?
  bool wants(FieldTable::Slot slot) const { return slot < places_.size() && places_[slot] != nullptr; }
  std::span<const FieldTable::Slot> slots() const { return wanted_; }
  /// Rules that stand behind any atom of the slot.
  const std::vector<std::uint32_t>& rules_of(FieldTable::Slot slot) const { return places_[slot]->rules; }
  bool wants_folded(FieldTable::Slot slot) const { return places_[slot]->by_hash || places_[slot]->inside != nullptr; }

  /// Keywords: texts that all stand inside some text of the event, so that joining is enough.
  bool only_inside(FieldTable::Slot slot) const { return !places_[slot]->by_hash && places_[slot]->present.empty(); }
  /// The same for a slot that is there without a value.
  template <typename Visit>
  void present(FieldTable::Slot slot, Visit&& visit) const {
    visit_all(places_[slot]->present, visit);
  }
  /// Calls visit(rule) for the rules behind each atom that the value meets; a rule may come twice. `folded` is the value in
  /// lower case, needed where wants_folded() says so.
  template <typename Visit>
  void find(FieldTable::Slot slot, const Value& value, std::string_view folded, LookMemory& memory, Visit&& visit) const {
    const Place& place = *places_[slot];
    visit_all(place.present, visit);
    if (value.type == ValueType::null) return;
    if (place.by_hash) {
      if (!place.equal.empty()) {
        if (const auto at = place.equal.find(folded); at != place.equal.end()) visit_all(at->second, visit);
      }
      place.prefix.find(folded, [&](std::uint32_t list) { visit_all(lists_[list], visit); });
      place.suffix.find(folded, [&](std::uint32_t list) { visit_all(lists_[list], visit); });
    }
    if (value.type == ValueType::number && !place.numbers.empty() && !is_plain_number(value.raw)) visit_all(place.numbers, visit);
    if (place.inside == nullptr || folded.size() < place.shortest) return;
    memory.hits.clear();
    place.inside->find(folded, memory.found, memory.hits);
    visit_hits(place, memory.hits, visit);
  }

  /// All texts of an event at once: one long scan costs a fraction of many short ones. A text that only stands across the
  /// seam of two is a candidate too many.
  template <typename Visit>
  void find_in_all(std::string_view joined, LookMemory& memory, Visit&& visit) const {
    const Place& place = *places_[FieldTable::kAll];
    if (place.joined == nullptr) return;
    memory.hits.clear();
    place.joined->find(joined, memory.scan, memory.hits);
    visit_hits(place, memory.hits, visit);
  }

 private:
  using Rules = std::vector<std::uint32_t>;
  struct Place {
    Rules present;
    Rules numbers;                ///< Of every number atom: for numbers written in an unusual way.
    absl::flat_hash_map<std::string_view, Rules> equal;
    Affixes prefix{Affixes::From::front}, suffix{Affixes::From::back};
    std::unique_ptr<TextIndex> inside;            ///< Of fields: their values are short.
    std::unique_ptr<LiteralAutomaton> joined;     ///< Of all texts joined: an automaton is slow to make and to start, and fast on its way.
    std::vector<std::uint32_t> inside_lists;
    std::size_t shortest = 0;
    bool by_hash = false;
    Rules rules;
  };

  template <typename Visit>
  void visit_hits(const Place& place, std::span<const std::uint32_t> hits, Visit&& visit) const {
    for (const std::uint32_t hit : hits) visit_all(lists_[place.inside_lists[hit]], visit);
  }
  template <typename Visit>
  static void visit_all(const Rules& rules, Visit&& visit) {
    for (const std::uint32_t rule : rules) visit(rule);
  }

  std::vector<std::unique_ptr<Place>> places_;   ///< By slot.
  std::vector<FieldTable::Slot> wanted_;
  std::vector<Rules> lists_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace tocsin::sigma
