// atom.cpp: from the tree of a rule to the cheapest set of atoms that it needs.
#include "daemon/sigma/engine/atom.h"

#include <re2/re2.h>

#include "daemon/model/text.h"
#include "daemon/sigma/engine/fold_case.h"
#include "daemon/sigma/engine/regex_literals.h"

namespace tocsin::sigma {
namespace {

/// Is the text worth looking for inside others? A single byte is nearly always there, unless it is a rare one.
bool is_telling(std::string_view text) {
  return text.size() > 1 || (text.size() == 1 && std::string_view("`^~|&;<>!@#$%{}[]+=?*").find(text[0]) != std::string_view::npos);
}

bool unicode_folds(char c) { return c == 'k' || c == 'K' || c == 's' || c == 'S'; }

/// The longest piece that the literal has in common with every text it matches, whatever Unicode folding does.
std::string_view plain_piece(std::string_view text) {
  std::string_view best;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80U && !unicode_folds(text[end])) ++end;
    if (end - begin > best.size()) best = text.substr(begin, end - begin);
    begin = end + 1;
  }
  return best;
}

class Reader {
 public:
  Reader(const Detection& detection, AtomTable& atoms) : detection_(detection), atoms_(atoms) {}

  Need of(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::selection: return of(detection_.selections[condition.selection]);
      case Condition::Kind::all: return cheapest(condition.parts, [&](const Condition& part) { return of(part); });
      case Condition::Kind::any: return any_of(condition.parts, [&](const Condition& part) { return of(part); });
      case Condition::Kind::no: return std::nullopt;
    }
    return std::nullopt;
  }

  Need of(const Selection& selection) {
    switch (selection.kind) {
      case Selection::Kind::item: return of(selection.item);
      case Selection::Kind::all: return cheapest(selection.parts, [&](const Selection& part) { return of(part); });
      case Selection::Kind::any: return any_of(selection.parts, [&](const Selection& part) { return of(part); });
    }
    return std::nullopt;
  }

 private:
  template <typename Parts, typename Read>
  Need cheapest(const Parts& parts, Read&& read) {
    Need best;
    double best_cost = 0;
    for (const auto& part : parts) {
      Need one = read(part);
      if (!one) continue;
      const double cost = cost_of(*one);
      if (best && cost >= best_cost) continue;
      best = std::move(one);
      best_cost = cost;
    }
    return best;
  }

  /// No parts: it never holds, and needs nothing that could be there.
  template <typename Parts, typename Read>
  Need any_of(const Parts& parts, Read&& read) {
    std::vector<AtomTable::Id> out;
    for (const auto& part : parts) {
      Need one = read(part);
      if (!one) return std::nullopt;
      out.insert(out.end(), one->begin(), one->end());
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  double cost_of(const std::vector<AtomTable::Id>& ids) const {
    double out = 0;
    for (const AtomTable::Id id : ids) out += atoms_.cost(id);
    return out;
  }

  Need of(const Item& item) {
    if (item.negated || item.slot == kSubjectSlot) return std::nullopt;
    const auto value = [&](const std::vector<Predicate>& tests) {
      return any_of(tests, [&](const Predicate& test) { return of(item.slot, test); });
    };
    return item.all ? cheapest(item.values, value) : any_of(item.values, value);
  }

  Need one(FieldTable::Slot slot, Atom::Kind kind, std::string_view text) {
    if (kind == Atom::Kind::inside && text.starts_with('\0')) {
      // Vectorscan takes no literal that begins with a zero byte, as UTF-16 has them; what stands behind it is needed as well.
      text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));
      if (!is_telling(text)) return present(slot);
    }
    return std::vector{atoms_.intern(slot, kind, folded(text))};
  }
  Need present(FieldTable::Slot slot) { return std::vector{atoms_.intern(slot, Atom::Kind::present, {})}; }

  Need of(FieldTable::Slot slot, const Predicate& test) {
    if (const auto* text = std::get_if<TextIs>(&test)) return of(slot, text->pattern);
    if (const auto* number = std::get_if<NumberIs>(&test)) {
      return is_plain_number(number->token) ? one(slot, Atom::Kind::number, number->token) : present(slot);
    }
    if (const auto* regex = std::get_if<RegexFinds>(&test)) {
      const auto literals = needed_literals(regex->expression->pattern());
      if (!literals) return present(slot);
      return any_of(*literals, [&](const std::string& literal) {
        return is_telling(literal) ? one(slot, Atom::Kind::inside, literal) : present(slot);
      });
    }
    if (const auto* exists = std::get_if<Exists>(&test); exists != nullptr && !exists->wanted) return std::nullopt;
    if (std::holds_alternative<IsNull>(test)) return std::nullopt;
    return present(slot);   // Compares, networks, other fields: they need a value, and tell nothing of it.
  }

  Need of(FieldTable::Slot slot, const Pattern& pattern) {
    const std::vector<SigmaString::Part>& parts = pattern.string().parts;
    if (parts.empty()) return one(slot, Atom::Kind::equal, "");
    if (pattern.folds_unicode()) {
      std::string_view best;
      for (const SigmaString::Part& part : parts) {
        const std::string_view piece = plain_piece(part.text);
        if (piece.size() > best.size()) best = piece;
      }
      if (is_telling(best)) return one(slot, Atom::Kind::inside, best);
      for (const SigmaString::Part& part : parts) {
        const auto cases = cases_beyond_ascii(part.text);
        if (!cases.empty()) return any_of(cases, [&](const std::string& each) { return one(slot, Atom::Kind::inside, each); });
      }
      return present(slot);
    }
    const auto literal = [](const SigmaString::Part& part) { return part.kind == SigmaString::Kind::literal; };
    if (parts.size() == 1 && literal(parts[0])) return one(slot, Atom::Kind::equal, parts[0].text);
    // With several literals each is needed; the longest says most.
    const SigmaString::Part* best = nullptr;
    for (const SigmaString::Part& part : parts) {
      if (literal(part) && (best == nullptr || part.text.size() > best->text.size())) best = &part;
    }
    if (best == nullptr) return present(slot);
    if (best == &parts.front()) return one(slot, Atom::Kind::prefix, best->text);
    if (best == &parts.back()) return one(slot, Atom::Kind::suffix, best->text);
    return is_telling(best->text) ? one(slot, Atom::Kind::inside, best->text) : present(slot);
  }

  const Detection& detection_;
  AtomTable& atoms_;
};

}  // namespace

bool is_plain_number(std::string_view token) {
  if (token.starts_with('-')) {
    token.remove_prefix(1);
    if (token == "0") return false;
  }
  if (token.empty() || (token[0] == '0' && token.size() > 1)) return false;
  return std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

AtomTable::Id AtomTable::intern(FieldTable::Slot slot, Atom::Kind kind, std::string text) {
  const auto [at, fresh] = ids_.try_emplace(Key{slot, kind, std::move(text)}, static_cast<Id>(atoms_.size()));
  if (fresh) {
    atoms_.push_back({slot, kind, at->first.text});
    uses_.push_back(0);
  }
  ++uses_[at->second];
  return at->second;
}

double AtomTable::cost(Id id) const {
  const Atom& atom = atoms_[id];
  const double uses = uses_[id];
  if (atom.kind == Atom::Kind::present) return 2'000.0;
  // Short texts turn up everywhere; each further byte makes one rarer. Ends are short for what they say: `.exe` ends most images.
  const double length = static_cast<double>(std::min<std::size_t>(atom.text.size(), 16));
  const bool affix = atom.kind == Atom::Kind::prefix || atom.kind == Atom::Kind::suffix;
  const double rarity = (affix ? 150.0 : atom.kind == Atom::Kind::inside ? 64.0 : 4.0) / (1.0 + length * length);
  return 0.05 + rarity + uses;
}

void count_atoms(const Detection& detection, AtomTable& atoms) {
  Reader reader(detection, atoms);
  for (const Selection& selection : detection.selections) reader.of(selection);
}

Need mentioned_by(const Detection& detection, AtomTable& atoms) {
  std::vector<FieldTable::Slot> slots;
  const auto read = [&](const auto& self, const Selection& selection) -> void {
    for (const Selection& part : selection.parts) self(self, part);
    if (selection.kind != Selection::Kind::item) return;
    slots.push_back(selection.item.slot);
    for (const std::vector<Predicate>& value : selection.item.values) {
      for (const Predicate& test : value) {
        if (const auto* same = std::get_if<SameAs>(&test)) slots.push_back(same->other);
      }
    }
  };
  for (const Selection& selection : detection.selections) read(read, selection);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  std::vector<AtomTable::Id> out;
  for (const FieldTable::Slot slot : slots) {
    if (slot == kSubjectSlot) return std::nullopt;
    out.push_back(atoms.intern(slot, Atom::Kind::present, {}));
  }
  return out;
}

Need needed_by(const Detection& detection, AtomTable& atoms) { return Reader(detection, atoms).of(detection.condition); }

}  // namespace tocsin::sigma
