// modifiers.cpp: the table of modifiers.
#include "daemon/sigma/language/modifiers.h"

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
    if (!to_text(a)) return "needs a text";
    if (before) a.string = a.string.with_any_before();
    if (after) a.string = a.string.with_any_after();
    return {};
  });
}

/// Replaces each alternative by those that make(bytes of the text) gives.
void encode(ItemDraft& draft, const ModifierPlace& place, bool bytes,
            const std::function<std::vector<std::string>(std::string_view)>& make) {
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
        copy.bytes = bytes;
        out.push_back(std::move(copy));
      }
    }
    if (!out.empty()) draft.values[i] = std::move(out);
  }
}

void compare(ItemDraft& draft, const ModifierPlace& place, Operator op) {
  each(draft, place, [&](Alternative& a) -> std::string {
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

void all(ItemDraft& draft, const ModifierPlace& place) {
  if (draft.values.size() < 2) complain(place, "`all` needs a list of at least two values");
  draft.all = true;
}
void base64(ItemDraft& draft, const ModifierPlace& place) {
  encode(draft, place, false, [](std::string_view text) { return std::vector{base64_of(text)}; });
}
void base64offset(ItemDraft& draft, const ModifierPlace& place) { encode(draft, place, false, base64_at_offsets); }
void cased(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string { return a.kind == Kind::field || to_text(a) ? "" : "needs a text"; });
  draft.cased = true;
}
void cidr(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind != Kind::text) return "needs a network";
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
void expand(ItemDraft&, const ModifierPlace& place) {
  complain(place, "no list of placeholder values is configured, so `expand` has nothing to expand to",
           "write the values into the rule");
}
void fieldref(ItemDraft& draft, const ModifierPlace& place) {
  each(draft, place, [](Alternative& a) -> std::string {
    if (a.kind != Kind::text || a.string.has_wildcards()) return "needs the name of a field, before contains and its like";
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
void time_part(ItemDraft&, const ModifierPlace& place) {
  complain(place, fmt::format("`{}` is Sigma, but this version does not take times apart", own_name(place)));
}
void utf16(ItemDraft& draft, const ModifierPlace& place) {
  encode(draft, place, true, [](std::string_view text) { return std::vector{"\xFF\xFE" + utf16le_of(text)}; });
}
void utf16be(ItemDraft& draft, const ModifierPlace& place) {
  encode(draft, place, true, [](std::string_view text) { return std::vector{utf16be_of(text)}; });
}
void utf16le(ItemDraft& draft, const ModifierPlace& place) {
  encode(draft, place, true, [](std::string_view text) { return std::vector{utf16le_of(text)}; });
}
void windash(ItemDraft& draft, const ModifierPlace& place) {
  for (std::size_t i = 0; i < draft.values.size(); ++i) {
    std::vector<Alternative> out;
    for (Alternative& a : draft.values[i]) {
      if (!to_text(a)) {
        place.faults.add(place.file, *draft.nodes[i], "`windash` needs a text");
        break;
      }
      auto strings = with_every_dash(a.string);
      if (!strings) {
        place.faults.add(place.file, *draft.nodes[i], strings.error().text);
        break;
      }
      for (SigmaString& string : *strings) {
        out.push_back(a);
        out.back().string = std::move(string);
      }
    }
    if (!out.empty()) draft.values[i] = std::move(out);
  }
}

constexpr Modifier kModifiers[] = {
    {"all", all},
    {"base64", base64},
    {"base64offset", base64offset},
    {"cased", cased},
    {"cidr", cidr},
    {"contains", contains},
    {"day", time_part},
    {"dotall", dot_all},
    {"endswith", endswith},
    {"exists", exists},
    {"expand", expand},
    {"fieldref", fieldref},
    {"gt", gt},
    {"gte", gte},
    {"hour", time_part},
    {"i", ignore_case},
    {"ignorecase", ignore_case},
    {"lt", lt},
    {"lte", lte},
    {"m", multiline},
    {"minute", time_part},
    {"month", time_part},
    {"multiline", multiline},
    {"neq", neq},
    {"re", re},
    {"s", dot_all},
    {"startswith", startswith},
    {"utf16", utf16},
    {"utf16be", utf16be},
    {"utf16le", utf16le},
    {"week", time_part},
    {"wide", utf16le},
    {"windash", windash},
    {"year", time_part},
};

}  // namespace

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
