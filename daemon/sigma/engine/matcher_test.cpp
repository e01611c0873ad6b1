// matcher_test.cpp: the index never hides a rule that holds, and an event costs no allocation.
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

std::shared_ptr<const RuleSet> rules_of(const std::string& text) {
  auto rules = read_rules(text);
  if (!rules) throw std::runtime_error(rules.error().text);
  return std::make_shared<const RuleSet>(std::move(*rules));
}

/// Places of rules that say yes, by the compiled engine.
std::vector<std::uint32_t> found(const std::shared_ptr<const RuleSet>& rules, const std::vector<Field>& fields, LogSource source = {"p", "", ""}) {
  Matcher matcher(rules);
  const auto out = matcher.match(event_of(*rules, fields, source));
  return {out.begin(), out.end()};
}

bool holds(const std::string& selection, const std::vector<Field>& fields) {
  return !found(rules_of(detection("  sel: " + selection + "\n  condition: sel\n")), fields).empty();
}

TEST(Matcher, finds_texts_at_each_place_of_a_value) {
  EXPECT_TRUE(holds("{f: 'C:\\Windows\\cmd.exe'}", {text("f", "c:\\windows\\CMD.EXE")}));
  for (const std::string word : {"a", "ab", "abc", "abcd", "abcdefgh", "abcdefghi"}) {
    EXPECT_TRUE(holds("{f|startswith: " + word + "}", {text("f", word + "|rest")})) << word;
    EXPECT_TRUE(holds("{f|endswith: " + word + "}", {text("f", "begin|" + word)})) << word;
    EXPECT_TRUE(holds("{f|contains: " + word + "}", {text("f", "begin|" + word + "|rest")})) << word;
    EXPECT_TRUE(holds("{f|startswith: " + word + "}", {text("f", word)})) << word;
    EXPECT_FALSE(holds("{f|startswith: " + word + "}", {text("f", "|" + word)})) << word;
    EXPECT_FALSE(holds("{f|endswith: " + word + "}", {text("f", word + "|")})) << word;
  }
}

TEST(Matcher, finds_texts_that_begin_with_zero_bytes) {
  const std::string wide("x\0a\0b", 5), one("x\0a", 3);
  EXPECT_TRUE(holds("{f|utf16be|contains: ab}", {text("f", wide)}));
  EXPECT_FALSE(holds("{f|utf16be|contains: ab}", {text("f", one)}));
  EXPECT_TRUE(holds("{f|utf16be|contains: a}", {text("f", one)})) << "behind the zero stands a single byte, which tells too little";
  EXPECT_TRUE(holds("{f|contains: \"\\0\"}", {text("f", one)})) << "nothing stands behind it";
  EXPECT_FALSE(holds("{f|contains: \"\\0\"}", {text("f", "xa")}));
}

TEST(Matcher, finds_what_has_no_text_to_look_for) {
  EXPECT_TRUE(holds("{f: null}", {}));
  EXPECT_TRUE(holds("{f|exists: false}", {}));
  EXPECT_TRUE(holds("{f|exists: true}", {list("f", {})})) << "present without a value";
  EXPECT_TRUE(holds("{f: ''}", {text("f", "")}));
  EXPECT_TRUE(holds("{f: '*'}", {text("f", "x")}));
  EXPECT_TRUE(holds("{f|contains: x}", {text("f", "aXb")}));
  EXPECT_TRUE(holds("{f|neq: x}", {}));
  EXPECT_TRUE(holds("{f|cidr: 10.0.0.0/8}", {text("f", "10.1.2.3")}));
  EXPECT_TRUE(holds("{f|re: '\\d+'}", {text("f", "a1")}));
  EXPECT_TRUE(holds("{f|fieldref: g}", {text("f", "1"), text("g", "1")}));
}

TEST(Matcher, finds_a_number_in_every_way_of_writing_it) {
  for (const std::string token : {"42", "42.0", "4.2e1", "420e-1"}) EXPECT_TRUE(holds("{f: 42}", {number("f", token)})) << token;
  EXPECT_TRUE(holds("{f: 42}", {text("f", "42")}));
  EXPECT_FALSE(holds("{f: 42}", {text("f", "42.0")}));
  EXPECT_TRUE(holds("{f: 0}", {number("f", "-0")}));
  EXPECT_TRUE(holds("{f: 4.20}", {number("f", "4.2")}));
}

TEST(Matcher, finds_case_beyond_ascii_and_characters_without_case) {
  EXPECT_TRUE(holds("{f|contains: 'ПАРОЛЬ'}", {text("f", "мой пароль")}));
  EXPECT_TRUE(holds("{f: 'д'}", {text("f", "Д")}));
  EXPECT_TRUE(holds("{f|contains: '口令'}", {text("f", "我的口令")}));
  EXPECT_TRUE(holds("{f|contains: '😀k'}", {text("f", "a😀K")}));
  EXPECT_TRUE(holds("{f|contains: 'мskм'}", {text("f", "МſKМ")})) << "Unicode folds the long s and the Kelvin sign";
}

TEST(Matcher, finds_the_needed_text_of_a_regular_expression_whatever_its_form) {
  EXPECT_TRUE(holds("{f|re: '(foo|ba[rz])qux?'}", {text("f", "--bazqu--")}));
  EXPECT_TRUE(holds("{f|re: 'ab+c'}", {text("f", "abbbc")}));
  EXPECT_TRUE(holds("{f|re: 'ab*c'}", {text("f", "ac")}));
  EXPECT_TRUE(holds("{f|re: 'ab{0,2}c'}", {text("f", "ac")}));
  EXPECT_TRUE(holds("{f|re: '(?i)ask'}", {text("f", "aſK")}));
  EXPECT_TRUE(holds("{f|re|i: 'ASK'}", {text("f", "aſk")}));
  EXPECT_TRUE(holds("{f|re: 'x(?:yes)?z'}", {text("f", "xz")}));
  EXPECT_TRUE(holds("{f|re: 'a|'}", {text("f", "b")}));
  EXPECT_TRUE(holds("{f|re: '\\.exe$'}", {text("f", "a.exe")}));
  EXPECT_TRUE(holds("{f|re: '[^a]bc'}", {text("f", "xbc")}));
  EXPECT_TRUE(holds("{f|re: 'a\\x62c'}", {text("f", "abc")}));
  EXPECT_TRUE(holds("{f|re: 'é+x'}", {text("f", "ééx")}));
}

TEST(Matcher, keywords_stand_in_any_text_and_not_across_two) {
  const auto rules = rules_of("title: T\nid: d1\nlogsource: {product: p}\ndetection:\n  words: [secret, 'key *word']\n  condition: words\n");
  EXPECT_FALSE(found(rules, {text("a", "x"), text("b", "a SECRET b")}).empty());
  EXPECT_FALSE(found(rules, {text("a", "key pass word")}).empty());
  EXPECT_TRUE(found(rules, {text("a", "sec"), text("b", "ret")}).empty());
  EXPECT_TRUE(found(rules, {text("a", std::string("sec\0ret", 7))}).empty());
}

TEST(Matcher, routes_by_log_source) {
  const auto rules = rules_of("title: A\nid: a\nlogsource: {product: Windows, category: registry_event}\ndetection: {s: {f: 1}, condition: s}\n---\n"
                              "title: B\nid: b\nlogsource: {service: sshd}\ndetection: {s: {f: 1}, condition: s}\n");
  const auto ask = [&](LogSourceView source, Matcher::Routing routing = Matcher::Routing::log_source) {
    Matcher matcher(rules, routing);
    Event event = event_of(*rules, {number("f", "1")});
    event.log_source = source;
    return std::vector<std::uint32_t>(matcher.match(event).begin(), matcher.match(event).end());
  };
  using Ids = std::vector<std::uint32_t>;
  EXPECT_EQ(ask({"windows", "registry_event", "", "", false}), Ids{0});
  EXPECT_EQ(ask({"windows", "registry_set", "", "registry_event", false}), Ids{0}) << "a wider category";
  EXPECT_EQ(ask({"windows", "registry_set", "", "", false}), Ids{});
  EXPECT_EQ(ask({"windows", "", "", "", false}), Ids{}) << "it is known to have no category";
  EXPECT_EQ(ask({"windows", "", "", "", true}), (Ids{0, 1})) << "nobody knows its category or service";
  EXPECT_EQ(ask({"linux", "", "", "", true}), Ids{1});
  EXPECT_EQ(ask({"linux", "", "", "", false}, Matcher::Routing::off), (Ids{0, 1}));
}

TEST(Matcher, remembers_no_more_log_sources_than_its_limit) {
  const auto rules = rules_of(detection("  s: {f: 1}\n  condition: s\n"));
  Matcher matcher(rules);
  Event event = event_of(*rules, {number("f", "1")});
  for (std::size_t i = 0; i < limits::kLogSourcesKept + 10; ++i) {
    const std::string made_up = std::to_string(i);
    event.log_source = {"p", made_up, "", "", false};
    ASSERT_EQ(matcher.match(event).size(), 1U);
  }
}

TEST(Matcher, finds_the_last_of_more_values_than_it_keeps_pairs_of) {
  const auto rules = rules_of(detection("  s: {f|contains|all: [needle, hay]}\n  condition: s\n"));
  std::vector<std::string> values(Grams::kValuesMost + 10, "hay and more hay");
  EXPECT_TRUE(found(rules, {list("f", values)}).empty());
  values.push_back("a needle");
  EXPECT_FALSE(found(rules, {list("f", values)}).empty());
  values.push_back(std::string(Grams::kLongest + 1, 'x') + "needle");
  EXPECT_FALSE(found(rules, {list("f", values)}).empty()) << "longer than pairs are taken of";
}

TEST(Matcher, asks_few_rules_however_many_there_are) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += fmt::format("---\ntitle: T\nid: d{0}\nlogsource: {{product: p}}\ndetection:\n  s: {{f|contains: 'word{0}x'}}\n  t: {{g|re: '.'}}\n  condition: s and t\n", i);
  }
  const auto rules = rules_of(text.substr(4));
  Matcher matcher(rules);
  EXPECT_EQ(matcher.match(event_of(*rules, {sigma::text("f", "a word77x here"), sigma::text("g", "y")})).size(), 1U);
  EXPECT_EQ(matcher.asked(), 1U);
}

}  // namespace
}  // namespace tocsin::sigma
