// atom.h: small things that are cheap to look for in an event, one of which a rule needs in order to hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

/// Texts are folded to lower case: an atom may say yes too often, never too seldom.
struct Atom {
  enum class Kind : std::uint8_t {
    present,  ///< The slot has a value.
    equal,    ///< A value is the text.
    prefix, suffix, inside,
    number,   ///< A value is this number in any way of writing it; the text is the plain one.
  };
  FieldTable::Slot slot = 0;
  Kind kind = Kind::present;
  std::string text;
};

/// Atoms of a rule set, each once, and how many tests mention each: what rules often ask for, events often have.
class AtomTable {
 public:
  using Id = std::uint32_t;
  Id intern(FieldTable::Slot slot, Atom::Kind kind, std::string text);
  const Atom& at(Id id) const { return atoms_[id]; }
  std::size_t size() const { return atoms_.size(); }
  /// A guess of how many rules are asked in vain for having this atom in the index.
  double cost(Id id) const;

 private:
  struct Key {
    FieldTable::Slot slot;
    Atom::Kind kind;
    std::string text;
    bool operator==(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) { return H::combine(std::move(h), key.slot, key.kind, key.text); }
  };
  absl::flat_hash_map<Key, Id> ids_;
  std::vector<Atom> atoms_;
  std::vector<std::uint32_t> uses_;
};

/// A whole number written as everybody writes it: no other way of writing the same number is the same text.
bool is_plain_number(std::string_view token);

/// Any one of these; empty optional: nothing that could be looked for, the rule must be asked about every event.
using Need = std::optional<std::vector<AtomTable::Id>>;

/// Takes every test of the rule into the table, so that cost() knows what is common.
void count_atoms(const Detection& detection, AtomTable& atoms);
/// Of every field that the rule asks about: that it is there. The answers of people's hashes are no fields: nullopt where it asks.
Need mentioned_by(const Detection& detection, AtomTable& atoms);
/// The cheapest set of atoms of which one is true wherever the rule holds.
Need needed_by(const Detection& detection, AtomTable& atoms);

}  // namespace tocsin::sigma
