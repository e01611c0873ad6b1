// modifiers.cpp: the table of modifiers.
#include "daemon/sigma/language/modifiers.h"

#include <functional>

#include "daemon/sigma/language/encode.h"
#include "daemon/sigma/language/number.h"

namespace tocsin::sigma {
namespace {

using Kind = Alternative::Kind;

void complain(const ModifierPlace& place, std::string_view message, std::string_view hint = {}) {
  place.faults.add_within(place.file, place.key, place.offset, place.width, message, hint);
}

std::string own_name(const ModifierPlace& place) { return place.key.text.substr(place.offset, place.width); }

/// Calls change(alternative) on each; a message it returns becomes a fault at the value.
template <typename Change>
void each(ItemDraft& draft, const ModifierPlace& place, Change&& change) {
  for (std::size_t i = 0; i < draft.values.size(); ++i) {
    for (Alternative& alternative : draft.values[i]) {
      const std::string message = change(alternative);
      if (!message.empty()) {
        place.faults.add(place.file, *draft.nodes[i], fmt::format("`{}` {}", own_name(place), message));
        break;
      }
    }
  }
}

/// Numbers and booleans become the text that was written.
bool to_text(Alternative& a) {
  if (a.kind == Kind::number || a.kind == Kind::boolean) a.kind = Kind::text;
  return a.kind == Kind::text;
}

void place_at(ItemDraft& draft, const ModifierPlace& place, bool before, bool after, SameAs::Where where) {
  each(draft, place, [&](Alternative& a) -> std::string {
    if (a.kind == Kind::regex) return {};  // A regular expression is searched anyway; write ^ and $ to bind it.
    if (a.kind == Kind::field) {
      a.where = where;
      return {};
    }
    if (a.kind == Kind::time || !to_text(a)) return "needs a text";
    if (before) a.string.put_any_before();
    if (after) a.string.put_any_after();
    return {};
  });
}

std::size_t bytes_in(const std::vector<Alternative>& alternatives) {
  std::size_t out = 0;
  for (const Alternative& each : alternatives) out += bytes_of(each);
  return out;
}

void give_up(ItemDraft& draft, Allowance& what) {
  what.end();
  draft.values.clear();
  draft.alternatives = draft.bytes = 0;
}

/// Gives a value its new alternatives, none being none to give. False where they are too many for one rule.
bool grow(ItemDraft& draft, const ModifierPlace& place, std::size_t i, std::vector<Alternative> made) {
  if (made.empty()) return true;
  draft.alternatives += made.size() - draft.values[i].size();
  draft.bytes += bytes_in(made) - bytes_in(draft.values[i]);
  draft.values[i] = std::move(made);
  return fits(draft, place, draft.alternatives, draft.bytes);
}

/// Replaces each alternative by those that make(bytes of the text) gives.
void encode(ItemDraft& draft, const ModifierPlace& place, const std::function<std::vector<std::string>(std::string_view)>& make) {
  for (std::size_t i = 0; i < draft.values.size(); ++i) {
    std::vector<Alternative> out;
    for (Alternative& a : draft.values[i]) {
      if (!to_text(a) || a.string.has_wildcards()) {
        place.faults.add(place.file, *draft.nodes[i], fmt::format("`{}` needs a text without wildcards", own_name(place)),
                         "put `contains` behind it, not before");
        break;
      }
      for (const std::string& made : make(a.string.plain())) {
        Alternative copy = a;
        copy.string = SigmaString::literal(made);
        copy.bytes = false;
        out.push_back(std::move(copy));
      }
    }
    if (!grow(draft, place, i, std::move(out))) return;
  }
}

/// Every character becomes two bytes, or four; wildcards stay, and `?` is one such unit of two.
void widen(ItemDraft& draft, const ModifierPlace& place, std::string_view mark, std::string (*units_of)(std::string_view)) {
  each(draft, place, [&](Alternative& a) -> std::string {
    if (!to_text(a)) return "needs a text";
    SigmaString wide = SigmaString::literal(mark);
    for (SigmaString::Part& part : a.string.parts) {
      if (part.kind == SigmaString::Kind::literal) part.text = units_of(part.text);
      const bool after_mark = part.kind == SigmaString::Kind::literal && wide.parts.size() == 1 && wide.parts[0].kind == part.kind;
      if (after_mark) wide.parts[0].text += part.text;
      else wide.parts.push_back(part);
      if (part.kind == SigmaString::Kind::one) wide.parts.push_back(part);
    }
    a.string = std::move(wide);
    a.bytes = true;
    return {};
  });
}

void compare(ItemDraft& draft, const ModifierPlace& place, Operator op) {
  each(draft, place, [&](Alternative& a) -> std::string {
    if (a.kind == Kind::time) {
      a.op = op;
      return {};
    }
    if (a.kind != Kind::number && !(a.kind == Kind::text && is_number(a.token))) return "needs a number";
    a.kind = Kind::compare;
    a.op = op;
    return {};
  });
}

void regex_flag(ItemDraft& draft, const ModifierPlace& place, bool& flag) {
  each(draft, place, [](const Alternative& a) -> std::string { return a.kind == Kind::regex ? "" : "belongs behind `re`"; });
  flag = true;
}

void all(ItemDraft& draft, const ModifierPlace&) { draft.all = true; }
void base64(ItemDraft& draft, const ModifierPlace& place) {
  encode(draft, place, [](std::string_view text) { return std::vector{base64_of(text)}; });
}
void base64offset(ItemDraft& draft, const ModifierPlace& place) { encode(draft, place, base64_at_offsets); }
void cased(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string { return a.kind == Kind::field || to_text(a) ? "" : "needs a text"; });
  draft.cased = true;
}
void cidr(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind != Kind::text || a.string.has_wildcards()) return "needs a network";
    a.kind = Kind::network;
    return {};
  });
}
void contains(ItemDraft& draft, const ModifierPlace& place) { place_at(draft, place, true, true, SameAs::Where::inside); }
void dot_all(ItemDraft& draft, const ModifierPlace& place) { regex_flag(draft, place, draft.dot_all); }
void endswith(ItemDraft& draft, const ModifierPlace& place) { place_at(draft, place, true, false, SameAs::Where::end); }
void exists(ItemDraft& draft, const ModifierPlace& place) {
  if (draft.values.size() > 1) complain(place, "`exists` takes one value");
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind != Kind::boolean) return "needs true or false";
    a.wanted = equal_text(a.token, "true", false);
    a.kind = Kind::exists;
    return {};
  });
}
/// All ways in which the placeholders of one alternative can be read, or why there is none.
Result<std::vector<Alternative>> ways_of(ItemDraft& draft, const Alternative& a, const Placeholders& placeholders, Expansion& may) {
  std::vector<Alternative> out;
  if (a.kind == Kind::regex) {
    TOCSIN_ASSIGN(std::vector<std::string> expressions, expanded_regex(a.token, placeholders, may));
    for (std::string& expression : expressions) {
      out.push_back(a);
      out.back().token = draft.keep(std::move(expression));
    }
    return out;
  }
  TOCSIN_ASSIGN(std::vector<SigmaString> strings, expanded(a.string, placeholders, may));
  for (SigmaString& string : strings) {
    out.push_back(a);
    out.back().token = string.has_wildcards() ? std::string_view() : draft.keep(string.plain());
    out.back().string = std::move(string);
  }
  return out;
}

/// Different texts of different strings.
std::string written(const SigmaString& string) {
  std::string out;
  for (const SigmaString::Part& part : string.parts) out += fmt::format("{}{}:{}", static_cast<int>(part.kind), part.text.size(), part.text);
  return out;
}

void expand(ItemDraft& draft, const ModifierPlace& place) {
  const Placeholders& known = place.scope.placeholders;
  const PatternBudget& budget = place.scope.budget;
  for (std::size_t i = 0; i < draft.values.size(); ++i) {
    std::vector<Alternative> out;
    std::size_t bytes = 0;
    for (Alternative& a : draft.values[i]) {
      if (a.kind != Kind::regex && !to_text(a)) {
        place.faults.add(place.file, *draft.nodes[i], "`expand` needs a text");
        break;
      }
      Expansion may{budget.patterns.left() - std::min(budget.patterns.left(), out.size()), budget.bytes.left() - std::min(budget.bytes.left(), bytes), {}};
      auto made = ways_of(draft, a, known, may);
      if (made) {
        bytes += bytes_in(*made);
        std::move(made->begin(), made->end(), std::back_inserter(out));
        continue;
      }
      if (may.unresolved.empty()) {
        place.faults.add(place.file, *draft.nodes[i], made.error().text);
        return give_up(draft, place.scope.budget.patterns);
      }
      const std::size_t at = draft.nodes[i]->text.find("%" + may.unresolved + "%");
      std::vector<std::string_view> names;
      for (const auto& [name, values] : known) names.push_back(name);
      const std::string near = place.faults.did_you_mean(may.unresolved, names);
      const std::string_view hint = !near.empty() ? std::string_view(near) : "give its values with `--placeholders`, or `placeholders:` in the configuration";
      if (at == std::string::npos) place.faults.add(place.file, *draft.nodes[i], made.error().text, hint);
      else place.faults.add_within(place.file, *draft.nodes[i], at, may.unresolved.size() + 2, made.error().text, hint);
      break;
    }
    for (const Alternative& a : out) place.scope.expanded = identity({place.scope.expanded.view(), a.kind == Kind::regex ? a.token : written(a.string)});
    if (!grow(draft, place, i, std::move(out))) return;
  }
}
void fieldref(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind != Kind::text || a.string.has_wildcards() || a.string.empty()) return "needs the name of a field, before contains and its like";
    a.kind = Kind::field;
    return {};
  });
}
void gt(ItemDraft& draft, const ModifierPlace& place) { compare(draft, place, Operator::gt); }
void gte(ItemDraft& draft, const ModifierPlace& place) { compare(draft, place, Operator::gte); }
void ignore_case(ItemDraft& draft, const ModifierPlace& place) { regex_flag(draft, place, draft.ignore_case); }
void lt(ItemDraft& draft, const ModifierPlace& place) { compare(draft, place, Operator::lt); }
void lte(ItemDraft& draft, const ModifierPlace& place) { compare(draft, place, Operator::lte); }
void multiline(ItemDraft& draft, const ModifierPlace& place) { regex_flag(draft, place, draft.multiline); }
void neq(ItemDraft& draft, const ModifierPlace&) { draft.negated = true; }
void re(ItemDraft& draft, const ModifierPlace& place) {
  const std::size_t bar = place.key.text.find('|');
  if (bar + 1 != place.offset) return complain(place, "`re` must be the first modifier");
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind == Kind::null) return "needs a regular expression";
    a.kind = Kind::regex;
    return {};
  });
}
void startswith(ItemDraft& draft, const ModifierPlace& place) { place_at(draft, place, false, true, SameAs::Where::start); }
void time_part(ItemDraft& draft, const ModifierPlace& place, TimePart part) {
  each(draft, place, [&](Alternative& a) -> std::string {
    const auto number = a.kind == Kind::number || a.kind == Kind::text ? read_part(part, a.token) : std::nullopt;
    if (!number) {
      const auto [least, most] = range_of(part);
      return fmt::format("needs a whole number from {} to {}{}", least, most, part == TimePart::weekday ? " (Monday is 1), or a day such as `monday` or `mon`" : "");
    }
    a.kind = Kind::time;
    a.part = part;
    a.time = *number;
    return {};
  });
}
void minute(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::minute); }
void hour(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::hour); }
void day(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::day); }
void week(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::week); }
void month(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::month); }
void year(ItemDraft& draft, const ModifierPlace& place) { time_part(draft, place, TimePart::year); }
void weekday(ItemDraft& draft, const ModifierPlace& place) {
  if (!place.scope.extended) {
    complain(place, "`weekday` is no modifier of Sigma: other tools would refuse this file",
             "move the selection below `tocsin:`, into `detection:` there");
  }
  time_part(draft, place, TimePart::weekday);
}
void utf16(ItemDraft& draft, const ModifierPlace& place) { widen(draft, place, "\xFF\xFE", utf16le_of); }
void utf16be(ItemDraft& draft, const ModifierPlace& place) { widen(draft, place, {}, utf16be_of); }
void utf16le(ItemDraft& draft, const ModifierPlace& place) { widen(draft, place, {}, utf16le_of); }
void windash(ItemDraft& draft, const ModifierPlace& place) {
  for (std::size_t i = 0; i < draft.values.size(); ++i) {
    std::vector<Alternative> out;
    std::size_t bytes = 0;
    for (Alternative& a : draft.values[i]) {
      if (!to_text(a)) {
        place.faults.add(place.file, *draft.nodes[i], "`windash` needs a text");
        break;
      }
      const Dashed needed = dashed(a.string);
      if (needed.texts > limits::kDashedTextsMax) {
        place.faults.add(place.file, *draft.nodes[i], "`windash` finds more than five dashes in one value");
        break;
      }
      bytes += needed.bytes;
      if (!fits(draft, place, out.size() + needed.texts, bytes)) return;   // Before they are made.
      for (SigmaString& string : with_every_dash(a.string)) {
        out.push_back(a);
        out.back().string = std::move(string);
      }
    }
    if (!grow(draft, place, i, std::move(out))) return;
  }
}

constexpr Modifier kModifiers[] = {
    {"all", all},
    {"base64", base64},
    {"base64offset", base64offset},
    {"cased", cased},
    {"cidr", cidr},
    {"contains", contains},
    {"day", day},
    {"dotall", dot_all},
    {"endswith", endswith},
    {"exists", exists},
    {"expand", expand},
    {"fieldref", fieldref},
    {"gt", gt},
    {"gte", gte},
    {"hour", hour},
    {"i", ignore_case},
    {"ignorecase", ignore_case},
    {"lt", lt},
    {"lte", lte},
    {"m", multiline},
    {"minute", minute},
    {"month", month},
    {"multiline", multiline},
    {"neq", neq},
    {"re", re},
    {"s", dot_all},
    {"startswith", startswith},
    {"utf16", utf16},
    {"utf16be", utf16be},
    {"utf16le", utf16le},
    {"week", week},
    {"weekday", weekday},
    {"wide", utf16le},
    {"windash", windash},
    {"year", year},
};

}  // namespace

std::size_t bytes_of(const Alternative& alternative) {
  constexpr std::size_t kWildcard = 8;   // It has no text, and takes memory all the same.
  std::size_t out = alternative.token.size();
  for (const SigmaString::Part& part : alternative.string.parts) out += part.kind == SigmaString::Kind::literal ? part.text.size() : kWildcard;
  return out;
}

bool fits(ItemDraft& draft, const ModifierPlace& place, std::size_t texts, std::size_t bytes) {
  PatternBudget& budget = place.scope.budget;
  const std::string name = own_name(place);
  if (texts > budget.patterns.left()) {
    complain(place, fmt::format("`{}` makes more than {} texts of the values of {}", name, budget.patterns.bound(), budget.patterns.whose()));
    give_up(draft, budget.patterns);
    return false;
  }
  if (bytes > budget.bytes.left()) {
    complain(place, fmt::format("`{}` makes the values of {} longer than {} bytes together", name, budget.bytes.whose(), budget.bytes.bound()));
    give_up(draft, budget.bytes);
    return false;
  }
  return true;
}

std::span<const Modifier> modifiers() { return kModifiers; }

const Modifier* find_modifier(std::string_view name) {
  for (const Modifier& modifier : kModifiers) {
    if (modifier.name == name) return &modifier;
  }
  return nullptr;
}

std::vector<std::string_view> modifier_names() {
  std::vector<std::string_view> out;
  for (const Modifier& modifier : kModifiers) out.push_back(modifier.name);
  return out;
}

}  // namespace tocsin::sigma
