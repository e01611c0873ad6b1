// index.cpp: filing rules behind their atoms.
#include "daemon/sigma/engine/index.h"

namespace tocsin::sigma {

Index::Index(const AtomTable& atoms, const std::vector<Filed>& rules, std::size_t slots) : places_(slots) {
  std::vector<Rules> behind(atoms.size());
  for (const Filed& filed : rules) {
    for (const AtomTable::Id id : filed.atoms) behind[id].push_back(filed.rule);
  }
  std::vector<std::vector<std::string_view>> inside(slots);
  for (AtomTable::Id id = 0; id < atoms.size(); ++id) {
    if (behind[id].empty()) continue;
    const Atom& atom = atoms.at(id);
    auto& place = places_[atom.slot];
    if (place == nullptr) {
      place = std::make_unique<Place>();
      wanted_.push_back(atom.slot);
    }
    place->rules.insert(place->rules.end(), behind[id].begin(), behind[id].end());
    const std::string_view text = *texts_.emplace_back(std::make_unique<std::string>(atom.text));
    const auto list = static_cast<std::uint32_t>(lists_.size());
    switch (atom.kind) {
      case Atom::Kind::present:
        place->present = behind[id];
        break;
      case Atom::Kind::number:
        place->numbers.insert(place->numbers.end(), behind[id].begin(), behind[id].end());
        [[fallthrough]];
      case Atom::Kind::equal: {
        Rules& same = place->equal[text];
        same.insert(same.end(), behind[id].begin(), behind[id].end());
        place->by_hash = true;
        break;
      }
      case Atom::Kind::prefix:
      case Atom::Kind::suffix:
        (atom.kind == Atom::Kind::prefix ? place->prefix : place->suffix).add(text, list);
        lists_.push_back(behind[id]);
        place->by_hash = true;
        break;
      case Atom::Kind::inside:
        inside[atom.slot].push_back(text);
        place->inside_lists.push_back(list);
        lists_.push_back(behind[id]);
        break;
    }
  }
  for (const FieldTable::Slot slot : wanted_) {
    Place& place = *places_[slot];
    std::sort(place.rules.begin(), place.rules.end());
    place.rules.erase(std::unique(place.rules.begin(), place.rules.end()), place.rules.end());
    if (inside[slot].empty()) continue;
    if (slot == FieldTable::kAll) place.joined = std::make_unique<LiteralAutomaton>(inside[slot]);
    else place.inside = std::make_unique<TextIndex>(inside[slot]);
    place.shortest = inside[slot][0].size();
    for (const std::string_view text : inside[slot]) place.shortest = std::min(place.shortest, text.size());
  }
}

void Index::grow(LookMemory& memory) const {
  for (const FieldTable::Slot slot : wanted_) {
    if (places_[slot]->joined != nullptr) places_[slot]->joined->grow(memory.scan);
    if (places_[slot]->inside != nullptr) memory.found.grow(places_[slot]->inside->size());
  }
}

}  // namespace tocsin::sigma
