// words_test.cpp: the phrase book finds its rows and speaks both languages.
#include "daemon/report/words.h"

#include <gtest/gtest.h>

namespace tocsin::report {
namespace {

TEST(Words, first_and_last_rows_are_found) {   // A row out of order would be lost to the search.
  EXPECT_EQ(words("addressee.authority", Language::en), "authority");
  EXPECT_EQ(words("title.eu-gdpr", Language::zh), "个人数据泄露通知");
  EXPECT_EQ(words("item.subjects.count", Language::zh), "受影响人数");
}

TEST(Words, a_key_outside_the_book_is_shown_and_not_lost) {
  EXPECT_EQ(words("clock.moonrise", Language::en), "moonrise");
  EXPECT_EQ(words_or_empty("clock.moonrise", Language::en), "");
}

}  // namespace
}  // namespace tocsin::report
