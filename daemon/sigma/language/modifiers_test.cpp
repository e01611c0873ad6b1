// modifiers_test.cpp: one test per row of the table, and what values mean without modifiers.
#include "daemon/sigma/language/modifiers.h"

#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

TEST(Modifiers, the_table_is_sorted) {
  const auto names = modifier_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(find_modifier("contains")->name, "contains");
}

TEST(Modifiers, contains_startswith_endswith) {
  EXPECT_TRUE(says_yes("{f|contains: dmi}", {text("f", "ADMIN")}));
  EXPECT_FALSE(says_yes("{f|startswith: dmi}", {text("f", "ADMIN")}));
  EXPECT_TRUE(says_yes("{f|startswith: ad}", {text("f", "ADMIN")}));
  EXPECT_TRUE(says_yes("{f|endswith: 'min'}", {text("f", "ADMIN")}));
  EXPECT_FALSE(says_yes("{f|endswith: 'mi'}", {text("f", "ADMIN")}));
  EXPECT_TRUE(says_yes("{f|contains: 46}", {number("f", "4624")}));
  EXPECT_TRUE(says_yes("{f|contains: 'a*c'}", {text("f", "xxabbcxx")}));
}

TEST(Modifiers, all_asks_for_every_value) {
  EXPECT_TRUE(says_yes("{'f|contains|all': [a, b]}", {text("f", "xaxbx")}));
  EXPECT_FALSE(says_yes("{'f|contains|all': [a, b]}", {text("f", "xax")}));
  EXPECT_TRUE(says_yes("{'f|contains|all': [a, b]}", {list("f", {"a", "b"})})) << "different elements may meet them";
}

TEST(Modifiers, cased) {
  EXPECT_TRUE(says_yes("{f|cased: Abc}", {text("f", "Abc")}));
  EXPECT_FALSE(says_yes("{f|cased: Abc}", {text("f", "abc")}));
  EXPECT_FALSE(says_yes("{'f|contains|cased': B}", {text("f", "abc")}));
}

TEST(Modifiers, re_searches_and_minds_case_unless_told) {
  EXPECT_TRUE(says_yes("{f|re: 'a[0-9]+'}", {text("f", "xxa12yy")}));
  EXPECT_FALSE(says_yes("{f|re: 'A[0-9]+'}", {text("f", "xxa12yy")}));
  EXPECT_TRUE(says_yes("{'f|re|i': 'A[0-9]+'}", {text("f", "xxa12yy")}));
  EXPECT_TRUE(says_yes("{'f|re|ignorecase': 'A1'}", {text("f", "a1")}));
  EXPECT_FALSE(says_yes("{f|re: '^b'}", {text("f", "a\nb")}));
  EXPECT_TRUE(says_yes("{'f|re|m': '^b'}", {text("f", "a\nb")}));
  EXPECT_TRUE(says_yes("{'f|re|multiline': '^b'}", {text("f", "a\nb")}));
  EXPECT_FALSE(says_yes("{f|re: 'a.b'}", {text("f", "a\nb")}));
  EXPECT_TRUE(says_yes("{'f|re|s': 'a.b'}", {text("f", "a\nb")}));
  EXPECT_TRUE(says_yes("{'f|re|dotall': 'a.b'}", {text("f", "a\nb")}));
  EXPECT_TRUE(says_yes("{f|re: '\\\\\\\\x'}", {text("f", "\\\\x")})) << "no Sigma escapes inside";
}

TEST(Modifiers, cidr_takes_both_families) {
  EXPECT_TRUE(says_yes("{f|cidr: 10.0.0.0/8}", {text("f", "10.255.0.1")}));
  EXPECT_FALSE(says_yes("{f|cidr: 10.0.0.0/8}", {text("f", "11.0.0.1")}));
  EXPECT_FALSE(says_yes("{f|cidr: 10.0.0.0/8}", {text("f", "10.1")}));
  EXPECT_TRUE(says_yes("{f|cidr: '2001:db8::/33'}", {text("f", "2001:db8:7fff::1")}));
  EXPECT_FALSE(says_yes("{f|cidr: '2001:db8::/33'}", {text("f", "2001:db8:8000::1")}));
  EXPECT_TRUE(says_yes("{f|cidr: 10.0.0.0/8}", {text("f", "::ffff:10.1.2.3")}));
  EXPECT_TRUE(says_yes("{f|cidr: '::/0'}", {text("f", "::1")}));
  EXPECT_FALSE(says_yes("{f|cidr: '::/0'}", {text("f", "1.2.3.4")}));
}

TEST(Modifiers, exists_asks_for_presence_alone) {
  EXPECT_TRUE(says_yes("{f|exists: true}", {null("f")}));
  EXPECT_TRUE(says_yes("{f|exists: true}", {list("f", {})})) << "an empty list is there";
  EXPECT_FALSE(says_yes("{f|exists: true}", {text("g", "x")}));
  EXPECT_TRUE(says_yes("{f|exists: false}", {text("g", "x")}));
}

TEST(Modifiers, numbers_compare_as_numbers) {
  EXPECT_TRUE(says_yes("{f|gt: 9}", {number("f", "10")}));
  EXPECT_TRUE(says_yes("{f|gte: 10}", {number("f", "10.0")}));
  EXPECT_FALSE(says_yes("{f|lt: 10}", {number("f", "10")}));
  EXPECT_TRUE(says_yes("{f|lte: 10}", {text("f", "9")})) << "a text that is a number";
  EXPECT_FALSE(says_yes("{f|gt: 1}", {text("f", "many")}));
  EXPECT_FALSE(says_yes("{f|gt: 0}", {flag("f", true)}));
  EXPECT_FALSE(says_yes("{f|gt: 9007199254740992}", {number("f", "9007199254740992")}));
  EXPECT_TRUE(says_yes("{f|gt: 9007199254740992}", {number("f", "9007199254740993")})) << "beyond a double";
  EXPECT_TRUE(says_yes("{f|lt: -5}", {number("f", "-123456789012345678901234567890")}));
  EXPECT_FALSE(says_yes("{f|gte: 0.10000000000000000001}", {number("f", "0.1")})) << "a fraction that a double cannot tell apart";
  EXPECT_TRUE(says_yes("{f|gt: 211}", {text("f", "211.00000000000000000001")}));
  EXPECT_TRUE(says_yes("{f|lt: -1.5e3}", {number("f", "-1500.001")}));
  EXPECT_TRUE(says_yes("{f: 120e-2}", {number("f", "1.2")}));
  EXPECT_TRUE(says_yes("{f|gt: 1e999}", {number("f", "1e99999999999999999999")})) << "no exponent runs over";
  EXPECT_FALSE(says_yes("{f|gt: 0}", {number("f", "-0.000e5")}));
}

TEST(Modifiers, neq_is_true_where_the_field_is_absent) {
  EXPECT_TRUE(says_yes("{f|neq: a}", {text("f", "b")}));
  EXPECT_FALSE(says_yes("{f|neq: a}", {text("f", "A")}));
  EXPECT_TRUE(says_yes("{f|neq: a}", {text("g", "a")}));
}

TEST(Modifiers, neq_negates_the_whole_item) {
  EXPECT_FALSE(says_yes("{f|neq: [a, b]}", {text("f", "b")})) << "none of the values may be met";
  EXPECT_TRUE(says_yes("{'f|contains|all|neq': [a, b]}", {text("f", "a")})) << "not all of them";
  EXPECT_FALSE(says_yes("{'f|contains|all|neq': [a, b]}", {text("f", "ab")}));
  EXPECT_FALSE(says_yes("{'f|re|neq': '^a'}", {text("f", "ab")}));
  EXPECT_FALSE(says_yes("{'f|gt|neq': 5}", {number("f", "6")}));
  EXPECT_TRUE(says_yes("{f|neq: null}", {text("f", "")}));
  EXPECT_FALSE(says_yes("{f|neq: null}", {text("g", "")}));
}

TEST(Modifiers, all_of_one_value_is_that_value) { EXPECT_TRUE(says_yes("{'f|contains|all': a}", {text("f", "xax")})); }

TEST(Modifiers, windash_knows_words_of_every_script_and_all_five_dashes) {
  EXPECT_FALSE(says_yes("{'f|windash|contains': 'é-b'}", {text("f", "é/b")})) << "within a word";
  EXPECT_TRUE(says_yes("{'f|windash|contains': '“-b'}", {text("f", "“/b")})) << "a quotation mark is no letter";
  EXPECT_TRUE(says_yes("{'f|windash|contains': ' –b'}", {text("f", "x -b")})) << "the rule may be written with any of the five";
  EXPECT_TRUE(says_yes("{'f|windash': '--b'}", {text("f", "-/b")})) << "only the dash next to the word";
  EXPECT_FALSE(says_yes("{'f|windash': '--b'}", {text("f", "//b")}));
}

TEST(Modifiers, windash_takes_every_dash) {
  EXPECT_TRUE(says_yes("{'f|windash|contains': ' -param'}", {text("f", "cmd /param")}));
  EXPECT_TRUE(says_yes("{'f|contains|windash': ' -param'}", {text("f", "cmd \u2015param")}));
  EXPECT_TRUE(says_yes("{'f|windash|contains': '/a -b'}", {text("f", "x \u2013a /b")}));
  EXPECT_FALSE(says_yes("{'f|windash|contains': 'a-b'}", {text("f", "a/b")})) << "a hyphen within a word is none";
}

TEST(Modifiers, base64_and_its_three_offsets) {
  EXPECT_TRUE(says_yes("{'f|base64|contains': 'http://'}", {text("f", "x aHR0cDovLw== y")}));
  for (const std::string before : {"", "a", "ab", "abc"}) {
    EXPECT_TRUE(says_yes("{'f|base64offset|contains': secret}", {text("f", base64_of(before + "secret text"))})) << before;
  }
  EXPECT_FALSE(says_yes("{'f|base64offset|contains': secret}", {text("f", base64_of("nothing here"))}));
}

TEST(Modifiers, utf16_in_its_forms) {
  using namespace std::string_literals;
  EXPECT_TRUE(says_yes("{f|utf16le: ab}", {text("f", "a\0b\0"s)}));
  EXPECT_TRUE(says_yes("{f|wide: ab}", {text("f", "a\0b\0"s)}));
  EXPECT_TRUE(says_yes("{f|utf16be: ab}", {text("f", "\0a\0b"s)}));
  EXPECT_TRUE(says_yes("{f|utf16: ab}", {text("f", "\xFF\xFE"s + "a\0b\0"s)}));
  EXPECT_TRUE(says_yes("{'f|wide': 'a*d?'}", {text("f", "a\0b\0c\0d\0e\0"s)})) << "wildcards stay; `?` is one unit of two bytes";
  EXPECT_FALSE(says_yes("{'f|wide': 'a?'}", {text("f", "a\0bc"s + "d")}));
  EXPECT_TRUE(says_yes("{'f|contains|wide': b}", {text("f", "a\0b\0c\0"s)}));
  EXPECT_TRUE(says_yes("{'f|utf16': '*b'}", {text("f", "\xFF\xFE"s + "a\0b\0"s)}));
  EXPECT_TRUE(says_yes("{'f|wide|base64offset|contains': ping}", {text("f", base64_of("xp\0i\0n\0g\0"s))}));
}

TEST(Modifiers, fieldref_compares_two_fields) {
  EXPECT_TRUE(says_yes("{f|fieldref: g}", {text("f", "Ana"), text("g", "ana")}));
  EXPECT_FALSE(says_yes("{f|fieldref: g}", {text("f", "ana"), text("g", "eva")}));
  EXPECT_FALSE(says_yes("{f|fieldref: g}", {text("f", "ana")}));
  EXPECT_FALSE(says_yes("{'f|fieldref|cased': g}", {text("f", "Ana"), text("g", "ana")}));
  EXPECT_TRUE(says_yes("{'f|fieldref|endswith': g}", {text("f", "cn/ana"), text("g", "ana")}));
  EXPECT_TRUE(says_yes("{'f|fieldref|contains': g}", {text("f", "x-ana-y"), text("g", "ana")}));
  EXPECT_TRUE(says_yes("{'f|fieldref|startswith': g}", {text("f", "anabel"), list("g", {"eva", "ana"})}));
  EXPECT_TRUE(says_yes("{'f|fieldref|neq': g}", {text("f", "ana"), text("g", "eva")}));
}

TEST(Values, a_number_and_the_same_number_as_text_are_equal) {
  EXPECT_TRUE(says_yes("{EventID: 4624}", {number("EventID", "4624")}));
  EXPECT_TRUE(says_yes("{EventID: 4624}", {text("EventID", "4624")}));
  EXPECT_TRUE(says_yes("{EventID: '4624'}", {number("EventID", "4624")}));
  EXPECT_TRUE(says_yes("{EventID: 4624}", {number("EventID", "4624.0")}));
  EXPECT_FALSE(says_yes("{EventID: 4624}", {text("EventID", "04624")}));
  EXPECT_FALSE(says_yes("{EventID: 4624}", {number("EventID", "4625")}));
}

TEST(Values, booleans_match_truth_and_its_text) {
  EXPECT_TRUE(says_yes("{f: true}", {flag("f", true)}));
  EXPECT_TRUE(says_yes("{f: 'TRUE'}", {flag("f", true)}));
  EXPECT_TRUE(says_yes("{f: true}", {text("f", "True")}));
  EXPECT_FALSE(says_yes("{f: true}", {flag("f", false)}));
}

TEST(Values, null_is_absent_or_null_and_the_empty_text_is_present) {
  EXPECT_TRUE(says_yes("{f: null}", {text("g", "x")}));
  EXPECT_TRUE(says_yes("{f: null}", {null("f")}));
  EXPECT_TRUE(says_yes("{f: null}", {list("f", {})}));
  EXPECT_FALSE(says_yes("{f: null}", {text("f", "")}));
  EXPECT_TRUE(says_yes("{f: ''}", {text("f", "")}));
  EXPECT_FALSE(says_yes("{f: ''}", {null("f")}));
  EXPECT_FALSE(says_yes("{f: ''}", {text("g", "x")}));
  EXPECT_TRUE(says_yes("{f: 'null'}", {text("f", "null")}));
  EXPECT_FALSE(says_yes("{f: '*'}", {null("f")}));
}

TEST(Values, one_element_of_an_array_is_enough) {
  EXPECT_TRUE(says_yes("{f: b}", {list("f", {"a", "b"})}));
  EXPECT_FALSE(says_yes("{f: 'a,b'}", {list("f", {"a", "b"})}));
}

TEST(Values, keywords_are_looked_for_in_every_text) {
  EXPECT_TRUE(says_yes("[dmin, other]", {text("any", "the ADMIN said")}));
  EXPECT_FALSE(says_yes("[nothing]", {text("any", "the ADMIN said")}));
  EXPECT_TRUE(says_yes("{'|all': [admin, said]}", {text("x", "admin"), text("y", "said")}));
  EXPECT_FALSE(says_yes("{'|all': [admin, wrote]}", {text("x", "admin"), text("y", "said")}));
  EXPECT_TRUE(says_yes("admin", {text("x", "administrator")}));
}

TEST(Values, keywords_take_modifiers) {
  EXPECT_TRUE(says_yes("{'|re': 'adm[il]n'}", {text("x", "the admin")}));
  EXPECT_FALSE(says_yes("{'|re': 'ADM[il]n'}", {text("x", "the admin")}));
  EXPECT_TRUE(says_yes("{'|re|i': ['x', 'ADM[il]n']}", {text("y", "the admin")}));
  EXPECT_FALSE(says_yes("{'|cased': Admin}", {text("x", "the admin")}));
  EXPECT_TRUE(says_yes("{'|contains': dmi}", {text("x", "the admin")}));
  EXPECT_TRUE(says_yes("{'|base64offset': secret}", {text("x", base64_of("a secret"))}));
  EXPECT_TRUE(says_yes("{'|all': [admin, said], f: a}", {text("f", "a"), text("x", "admin"), text("y", "said")}));
  EXPECT_FALSE(says_yes("{'|neq': admin}", {text("x", "admin")}));
}

TEST(Values, lists_and_maps_nest) {
  EXPECT_TRUE(says_yes("[[{f: a}, {f: b, g: c}], word]", {text("f", "b"), text("g", "c")}));
  EXPECT_FALSE(says_yes("[[{f: a}, {f: b, g: c}], word]", {text("f", "b"), text("g", "d")}));
  EXPECT_TRUE(says_yes("[[{f: a}, [keyword]], word]", {text("h", "my keyword")}));
}

TEST(Values, field_names_may_hold_blanks_and_signs) {
  EXPECT_TRUE(says_yes("{'Event ID (x)': a, '@type': b, 'a.b-c/d': c}", {text("Event ID (x)", "a"), text("@type", "b"), text("a.b-c/d", "c")}));
  EXPECT_TRUE(says_yes("{'Event ID|contains': a}", {text("Event ID", "xax")}));
}

TEST(Values, maps_are_and_lists_are_or) {
  EXPECT_TRUE(says_yes("{f: a, g: b}", {text("f", "a"), text("g", "b")}));
  EXPECT_FALSE(says_yes("{f: a, g: b}", {text("f", "a"), text("g", "c")}));
  EXPECT_TRUE(says_yes("[{f: a}, {g: b}]", {text("g", "b")}));
  EXPECT_TRUE(says_yes("[{f: [x, a]}, keyword]", {text("h", "a keyword here")}));
}

}  // namespace
}  // namespace tocsin::sigma
