// text_test.cpp: widths that keep a table straight.
#include "daemon/model/text.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Text, letters_fold_one_to_one) {
  EXPECT_EQ(folded(U'Ä'), U'ä');
  EXPECT_EQ(folded(U'ẞ'), U'ß');
  EXPECT_EQ(folded(U'\u212A'), U'k') << "the sign of kelvin";
  EXPECT_EQ(folded(U'İ'), U'İ') << "no locale";
  EXPECT_EQ(folded(U'身'), U'身');
  std::size_t at = 0;
  EXPECT_EQ(next_character("\xFFz", at), char32_t{0x1100FF});
  EXPECT_EQ(at, 1U);
  EXPECT_TRUE(is_word(U'é'));
  EXPECT_FALSE(is_word(U'–'));
  EXPECT_FALSE(is_word(0x1100FF));
}

TEST(Text, chinese_is_two_cells_wide_and_marks_are_none) {
  EXPECT_EQ(display_cells("abc"), 3U);
  EXPECT_EQ(display_cells("夜间大量读取"), 12U);
  EXPECT_EQ(display_cells("e\xCC\x81"), 1U);
  EXPECT_EQ(display_cells("\xE2\x80\x8B"), 0U);
  EXPECT_EQ(display_cells("，"), 2U);
  EXPECT_EQ(display_cells("\xff\xfe"), 2U);
  EXPECT_EQ(display_cells(""), 0U);
}

TEST(Text, a_cut_never_splits_a_character) {
  EXPECT_EQ(cut_to_cells("夜间读取", 5), "夜间");
  EXPECT_EQ(cut_to_cells("abc", 2), "ab");
  EXPECT_EQ(cut_to_cells("e\xCC\x81x", 1), "e\xCC\x81");
  EXPECT_EQ(cut_to_cells("abc", 9), "abc");
}

TEST(Text, time_zones_are_known_by_name) {
  EXPECT_TRUE(is_time_zone("Asia/Shanghai"));
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_FALSE(is_time_zone("Asia/Shangai"));
  EXPECT_FALSE(is_time_zone(""));
}

}  // namespace
}  // namespace tocsin
