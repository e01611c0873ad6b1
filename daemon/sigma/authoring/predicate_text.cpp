// predicate_text.cpp: one sentence per kind of question.
#include "daemon/sigma/authoring/predicate_text.h"

#include <re2/re2.h>

namespace tocsin::sigma {
namespace {

std::string written(const std::vector<SigmaString::Part>& parts, std::size_t from, std::size_t to) {
  std::string out;
  for (std::size_t i = from; i < to; ++i) {
    if (parts[i].kind == SigmaString::Kind::literal) out += parts[i].text;
    else out += parts[i].kind == SigmaString::Kind::any ? '*' : '?';
  }
  return out;
}

std::string text_of(const Pattern& pattern) {
  const auto& parts = pattern.string().parts;
  const auto any = [&](std::size_t i) { return parts[i].kind == SigmaString::Kind::any; };
  std::size_t from = 0, to = parts.size();
  if (to == 1 && any(0)) return "has any value";
  const bool before = to > 0 && any(0), after = to > 1 && any(to - 1);
  const bool plain = std::none_of(parts.begin() + before, parts.end() - after, [](const auto& part) { return part.kind != SigmaString::Kind::literal; });
  std::string out = "is";
  if (plain) {
    from += before;
    to -= after;
    if (before || after) out = before && after ? "contains" : before ? "ends with" : "starts with";
  } else {
    out = "is like";
  }
  out += " " + quoted(written(parts, from, to));
  if (pattern.cased()) out += ", case counts";
  if (pattern.bytes()) out += ", byte by byte";
  return out;
}

std::string_view sign_of(Operator op) {
  switch (op) {
    case Operator::gt: return ">";
    case Operator::gte: return "≥";
    case Operator::lt: return "<";
    case Operator::lte: return "≤";
    case Operator::eq: return "=";
    case Operator::neq: return "≠";
  }
  return "";
}

struct Sentence {
  const FieldTable& fields;

  std::string operator()(const TextIs& test) const { return text_of(test.pattern); }
  std::string operator()(const NumberIs& test) const { return "is " + test.token; }
  std::string operator()(const NumberCompares& test) const { return fmt::format("{} {}", sign_of(test.op), test.token); }
  std::string operator()(const IsNull&) const { return "is absent or null"; }
  std::string operator()(const Exists& test) const { return test.wanted ? "is there" : "is not there"; }
  std::string operator()(const RegexFinds& test) const { return fmt::format("matches the regular expression {}", quoted(test.expression->pattern())); }
  std::string operator()(const InNetwork& test) const { return "lies in " + test.network.text(); }
  std::string operator()(const TimeIs& test) const {
    return fmt::format("has the {} {} {}{}", name_of(test.part), sign_of(test.op), test.number, test.zone == nullptr ? " in UTC" : " in the rule's zone");
  }
  std::string operator()(const SameAs& test) const {
    static constexpr std::string_view kHow[] = {"is", "starts with", "ends with", "contains"};
    return fmt::format("{} the value of {}{}", kHow[static_cast<std::size_t>(test.where)], fields.name(test.other), test.cased ? ", case counts" : "");
  }
};

}  // namespace

std::string quoted(std::string_view text, std::size_t most) {
  std::string out = "'";
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  // No half character at the end.
  if (text.size() > most) {
    while (out.size() > 1 && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U) out.pop_back();
    if (static_cast<unsigned char>(out.back()) >= 0xC0U) out.pop_back();
    out += "…";
  }
  return out + "'";
}

std::string text_of(const Predicate& test, const FieldTable& fields) { return std::visit(Sentence{fields}, test); }

}  // namespace tocsin::sigma
