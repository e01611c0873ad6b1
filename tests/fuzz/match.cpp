// match.cpp: rules and events of a small world, where they often meet.
#include "daemon/base/promise.h"
#include "daemon/sigma/engine/matcher.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {
namespace {

using sigma::Condition;
using sigma::Rule;
using sigma::RuleSet;

constexpr std::string_view kFields[] = {"a", "b", "c.d", "e"};
// Letters whose case folds beyond ASCII, the wildcards, the escape, and what windash turns.
constexpr std::string_view kLetters[] = {"a", "A", "b", "B", "k", "K", "s", "S", "*", "?", "\\", "-", "/", " ", "0", "1", ".", "\xC5\xBF", "\xE2\x84\xAA"};
constexpr std::string_view kWords[] = {"abc", "ABC", "a*c", "*b?", "a\\*", "\\\\a", "", "ab -k", "0", "10", "1.0", "\xE2\x84\xAA", "10.0.0.1", "YWJj", "true"};
constexpr std::string_view kModifiers[] = {"", "|contains", "|startswith", "|endswith", "|contains|all", "|cased", "|re", "|re|i", "|exists", "|windash|contains", "|base64offset|contains",
                                           "|wide|base64offset|contains", "|cidr", "|gt", "|lte", "|neq", "|fieldref", "|startswith|cased", "|endswith|cased", "|all"};
constexpr std::string_view kConditions[] = {"s1", "not s1", "s1 and s2", "s1 or s2", "s1 and not s2", "1 of s*", "all of them", "not (s1 and s2)", "not 1 of s*", "1 of them and not s3", "s1 and (s2 or not s3)"};

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

/// Whole characters: no decoder lets anything else through.
std::string letters(Bytes& bytes) {
  std::string out;
  for (std::size_t i = bytes.below(7); i > 0; --i) out += bytes.of(kLetters);
  return out;
}

std::string word(Bytes& bytes) { return bytes.one_in(3) ? letters(bytes) : std::string(bytes.of(kWords)); }

std::string value(Bytes& bytes, std::string_view modifier) {
  if (modifier == "|exists") return bytes.one_in(2) ? "true" : "false";
  if (modifier == "|cidr") return bytes.one_in(2) ? "10.0.0.0/8" : "fe80::/10";
  if (modifier == "|gt" || modifier == "|lte") return bytes.one_in(2) ? "1" : "9.5";
  if (modifier == "|fieldref") return std::string(bytes.of(kFields));
  if (modifier.empty() && bytes.one_in(6)) return bytes.one_in(2) ? "null" : "10";
  return quoted(word(bytes));
}

std::string values(Bytes& bytes, std::string_view modifier) {
  if (bytes.one_in(2)) return value(bytes, modifier);
  std::string out;
  for (std::size_t i = 0, n = 1 + bytes.below(4); i < n; ++i) out += (i == 0 ? "[" : ", ") + quoted(word(bytes));
  return out + "]";
}

/// One map: all of its items.
std::string map(Bytes& bytes) {
  std::string out = "{";
  for (std::size_t i = 0, n = 1 + bytes.below(3), at = bytes.below(4); i < n; ++i) {
    const std::string_view modifier = bytes.of(kModifiers);
    out += fmt::format("{}{}{}: {}", i == 0 ? "" : ", ", kFields[(at + i) % std::size(kFields)], modifier, values(bytes, modifier));
  }
  return out + "}";
}

std::string selection(Bytes& bytes) {
  switch (bytes.below(4)) {
    case 0: return fmt::format("[{}, {}]", map(bytes), map(bytes));
    case 1: return fmt::format("[{}, {}]", quoted(word(bytes)), quoted(word(bytes)));
    default: return map(bytes);
  }
}

std::string rule(Bytes& bytes, std::size_t number) {
  constexpr std::string_view kSources[] = {"{product: p}", "{product: p, category: c}", "{category: c}", "{service: s}", "{product: q}"};
  return fmt::format("title: T\nid: r{}\nlogsource: {}\ndetection:\n  s1: {}\n  s2: {}\n  s3: {}\n  condition: {}\n", number, bytes.of(kSources), selection(bytes), selection(bytes),
                     selection(bytes), bytes.of(kConditions));
}

void fill(Event& event, const RuleSet& rules, Bytes& bytes) {
  event.clear(rules.fields().size());
  event.log_source = {bytes.one_in(3) ? "q" : "p", bytes.one_in(2) ? "c" : "", bytes.one_in(2) ? "S" : "", {}, bytes.one_in(4)};
  for (const std::string_view name : kFields) {
    const FieldTable::Slot slot = rules.fields().find(name);
    for (std::size_t i = 0, n = bytes.below(3); i < n; ++i) {
      const std::size_t kind = bytes.below(6);
      const ValueType type = kind == 0 ? ValueType::null : kind == 1 ? ValueType::number : ValueType::text;
      const std::string text = type == ValueType::null ? "" : type == ValueType::number ? (bytes.one_in(2) ? "10" : "1.0") : bytes.one_in(2) ? word(bytes) : word(bytes) + word(bytes);
      if (type == ValueType::text && rules.fields().wants_all) event.add_copy(FieldTable::kAll, type, text);
      if (slot != FieldTable::kAll) event.add_copy(slot, type, text);
    }
    if (slot != FieldTable::kAll && bytes.one_in(8)) event.mark_present(slot);
  }
}

bool holds(const Condition& condition, const Rule& rule, const Event& event) {
  const auto part = [&](const Condition& each) { return holds(each, rule, event); };
  switch (condition.kind) {
    case Condition::Kind::selection: return sigma::holds(rule.detection()->selections[condition.selection], event);
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::no: return !part(condition.parts.front());
  }
  return false;
}

}  // namespace

void match(std::string_view input) {
  Bytes bytes(input);
  std::string text;
  for (std::size_t i = 0, n = 1 + bytes.below(6); i < n; ++i) {
    const std::string one = rule(bytes, i);
    // Some combinations are no rule; the others shall not fall with them.
    if (const auto file = yaml::parse("r.yml", one); file && sigma::RuleSet::read({*file})) text += (text.empty() ? "" : "---\n") + one;
  }
  if (text.empty()) return;
  const auto file = yaml::parse("r.yml", text);
  TOCSIN_ASSERT(file);
  auto read = RuleSet::read({*file});
  TOCSIN_ASSERT(read);
  const auto rules = std::make_shared<const RuleSet>(std::move(*read));
  sigma::Matcher matcher(rules, sigma::Matcher::Routing::off);
  sigma::Matcher routed(rules);
  Event event;
  for (int i = 0; i < 3; ++i) {
    fill(event, *rules, bytes);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t at = 0; at < rules->rules().size(); ++at) {
      if (holds(rules->rules()[at].detection()->condition, rules->rules()[at], event)) expected.push_back(at);
    }
    const auto found = matcher.match(event);
    TOCSIN_ASSERT(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
    // Routing only takes away.
    const auto fewer = routed.match(event);
    TOCSIN_ASSERT(std::includes(expected.begin(), expected.end(), fewer.begin(), fewer.end()));
  }
}

}  // namespace tocsin::fuzz
