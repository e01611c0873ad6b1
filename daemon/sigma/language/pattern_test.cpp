// pattern_test.cpp: escapes, wildcards and folding.
#include "daemon/sigma/language/pattern.h"

#include <gtest/gtest.h>

namespace tocsin::sigma {
namespace {

bool match(std::string_view pattern, std::string_view text, bool cased = false) {
  return Pattern(SigmaString::parse(pattern), cased).matches(text);
}

std::string shown(std::string_view written) {
  std::string out;
  for (const SigmaString::Part& part : SigmaString::parse(written).parts) {
    out += part.kind == SigmaString::Kind::any ? "<*>" : part.kind == SigmaString::Kind::one ? "<?>" : part.text;
  }
  return out;
}

TEST(SigmaString, takes_escapes_as_the_standard_lists_them) {
  EXPECT_EQ(shown(R"(a\b)"), R"(a\b)");
  EXPECT_EQ(shown(R"(a\\b)"), R"(a\b)");
  EXPECT_EQ(shown(R"(a\*b)"), "a*b");
  EXPECT_EQ(shown(R"(a\?b)"), "a?b");
  EXPECT_EQ(shown(R"(a\\*b)"), R"(a\<*>b)");
  EXPECT_EQ(shown(R"(a\\\*b)"), R"(a\*b)");
  EXPECT_EQ(shown(R"(\\\\host)"), R"(\\host)");
  EXPECT_EQ(shown(R"(\\\host)"), R"(\\host)");
  EXPECT_EQ(shown("end\\"), "end\\");
  EXPECT_EQ(shown("*a?*"), "<*>a<?><*>");
}

TEST(SigmaString, reads_every_short_text_as_the_rule_of_runs_says) {
  // Written another way than the parser: a run of n backslashes before a wildcard is n/2 of them, and the wildcard is literal
  // where one is left over; before anything else every two are one, and one left over stays.
  const auto by_runs = [](std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = std::min(text.find_first_not_of('\\', i), text.size());
      const std::size_t n = end - i;
      const bool wild = end < text.size() && (text[end] == '*' || text[end] == '?');
      out += std::string(wild ? n / 2 : (n + 1) / 2, '\\');
      if (end < text.size()) out += wild && n % 2 == 0 ? std::string("<") + text[end] + ">" : std::string(1, text[end]);
      i = end + 1;
    }
    return out;
  };
  constexpr std::string_view kLetters = "\\*?a";
  std::size_t seen = 0;
  for (std::size_t length = 0; length <= 7; ++length) {
    for (std::size_t n = 0; n < (std::size_t{1} << (2 * length)); ++n, ++seen) {
      std::string text;
      for (std::size_t i = 0; i < length; ++i) text += kLetters[(n >> (2 * i)) & 3U];
      ASSERT_EQ(shown(text), by_runs(text)) << text;
    }
  }
  EXPECT_EQ(seen, 21'845U);
}

TEST(Pattern, letters_beyond_ascii_take_wildcards_and_broken_texts) {
  EXPECT_TRUE(match("Ä?c*É", "äbC--é"));
  EXPECT_TRUE(match("*é?", "xxÉ客"));
  EXPECT_FALSE(match("é?", "é"));
  EXPECT_TRUE(match("*é*é*", "aébÉc"));
  EXPECT_FALSE(match("*é*é*é", "aébÉc"));
  EXPECT_TRUE(match("é?b", "É\xFF" "b")) << "a broken byte is one character";
  EXPECT_FALSE(match("é", "\xC3"));
  std::string pattern = "é";
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(match(pattern + "b", "é" + std::string(5'000, 'a'))) << "and no exponential time";
}

TEST(Pattern, folds_ascii_letters_unless_cased) {
  EXPECT_TRUE(match("PowerShell.EXE", "powershell.exe"));
  EXPECT_FALSE(match("PowerShell.EXE", "powershell.exe", true));
  EXPECT_TRUE(match("PowerShell.EXE", "PowerShell.EXE", true));
  EXPECT_FALSE(match("k", "\u212A")) << "the Kelvin sign is no ASCII letter";
}

TEST(Pattern, folds_other_letters_by_unicode_when_it_has_any) {
  EXPECT_TRUE(match("Büro*", "BÜRO-7"));
  EXPECT_TRUE(match("*ДАННЫЕ", "мои данные"));
  EXPECT_FALSE(match("straße", "STRASSE"));
  EXPECT_FALSE(match("Büro", "BÜRO", true));
  EXPECT_TRUE(match("客户*", "客户名单"));
}

TEST(Pattern, a_question_mark_is_one_character_not_one_byte) {
  EXPECT_TRUE(match("a?c", "a客c"));
  EXPECT_TRUE(match("a?c", "abc"));
  EXPECT_FALSE(match("a?c", "ac"));
  EXPECT_FALSE(match("a?c", "abbc"));
}

TEST(Pattern, stars_reach_over_anything_also_nothing_and_newlines) {
  EXPECT_TRUE(match("a*b*c", "a--b--c"));
  EXPECT_TRUE(match("a*b*c", "abc"));
  EXPECT_TRUE(match("*", ""));
  EXPECT_FALSE(match("", "x"));
  EXPECT_TRUE(match("", ""));
  EXPECT_TRUE(match("a*b", "a\n\nb"));
  EXPECT_TRUE(match("é*ü", "é\nü"));
  EXPECT_TRUE(match("*ab*abc", "xabyababc"));
}

TEST(Pattern, many_stars_cost_no_exponential_time) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(match(pattern + "b", std::string(5'000, 'a')));
}

}  // namespace
}  // namespace tocsin::sigma
