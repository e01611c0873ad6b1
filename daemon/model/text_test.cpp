// text_test.cpp: widths that keep a table straight.
#include "daemon/model/text.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

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
