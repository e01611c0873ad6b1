// json_test.cpp: names, order and escapes of the JSON that people and programs get.
#include "daemon/base/json.h"

#include <gtest/gtest.h>

#include "tocsin/v1/service.pb.h"

namespace tocsin {
namespace {

TEST(Json, names_are_the_protos_and_long_numbers_are_texts) {
  v1::GetStatusResponse status;
  status.set_delivery_mode("hold");
  status.set_alerts(9'007'199'254'740'993);
  EXPECT_EQ(to_json(status), R"({"delivery_mode":"hold","alerts":"9007199254740993"})");
}

TEST(Json, maps_are_sorted_whatever_the_order_of_insertion) {
  std::vector<std::string> keys;
  for (int i = 0; i < 40; ++i) keys.push_back(fmt::format("k{:02}", i));
  v1::GetStatusResponse up, down;
  for (const auto& key : keys) (*up.mutable_notices())[key] = 1;
  std::reverse(keys.begin(), keys.end());
  for (const auto& key : keys) (*down.mutable_notices())[key] = 1;
  EXPECT_EQ(to_json(up), to_json(down));
  EXPECT_EQ(to_json(up).substr(0, 40), R"({"notices":{"k00":"1","k01":"1","k02":"1)");
}

TEST(Json, defaults_are_written_where_asked_for) {
  v1::VerifyAuditResponse answer;
  EXPECT_EQ(to_json(answer), "{}");
  EXPECT_EQ(to_json(answer, {.defaults = true}), R"({"rows":"0","intact":false,"problem":""})");
  EXPECT_EQ(to_json(answer, {.pretty = true, .defaults = true}), "{\n \"rows\": \"0\",\n \"intact\": false,\n \"problem\": \"\"\n}\n");
}

TEST(Json, what_was_written_is_read) {
  v1::PartitionStatus one, two;
  one.set_source("访问");
  one.set_next(7);
  ASSERT_TRUE(from_json(to_json(one), two));
  EXPECT_EQ(to_json(two), to_json(one));
  EXPECT_EQ(from_json("{\"nexxt\": 1}", two).error().kind, ErrorKind::bad_input);
  EXPECT_FALSE(from_json("{", two));
}

TEST(Json, escapes_leave_nothing_that_ends_a_string) {
  EXPECT_EQ(json_escaped("a\"b\\c\n\t\r\x01\x7f" "中"), "a\\\"b\\\\c\\n\\t\\r\\u0001\\u007f中");
  EXPECT_EQ(json_escaped("\xff\xc0\xaf\xed\xa0\x80x"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx");
  EXPECT_EQ(json_escaped("\xe4\xb8"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace tocsin
