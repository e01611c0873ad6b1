// json_test.cpp: every class of garbage has its reason, every legal document is an event, and nothing takes long.
#include <gtest/gtest.h>

#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/decoders.h"

namespace tocsin::ingest {
namespace {

std::string reason(std::string_view bytes) {
  Document document;
  const auto dead = decode_json(bytes, document);
  return dead ? std::string(dead->reason) : "";
}

TEST(Json, each_class_of_garbage_has_its_reason) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"", "empty"},
      {" \n\t", "empty"},
      {R"({"a":1)", "truncated"},
      {R"({"a":)", "truncated"},
      {R"({"a":"x)", "truncated"},
      {R"({"a":tru)", "truncated"},
      {R"({"a":"\u12)", "truncated"},
      {R"([1,2)", "truncated"},
      {R"({"a":1}{"b":2})", "two_documents"},
      {R"({"a":1} x)", "two_documents"},
      {R"({"a":1,"a":2})", "duplicate_key"},
      {R"({"a":1,"\u0061":2})", "duplicate_key"},
      {R"({"o":{"k":1,"k":1}})", "duplicate_key"},
      {R"({"a":"\ud800"})", "lone_surrogate"},
      {R"({"a":"\udc00"})", "lone_surrogate"},
      {R"({"a":"\ud800\u0041"})", "lone_surrogate"},
      {"{\"a\":\"\xff\"}", "not_utf8"},
      {"{\"a\":\"\xed\xa0\x80\"}", "not_utf8"},
      {R"({a:1})", "not_json"},
      {R"({"a":1,})", "not_json"},
      {R"([1,])", "not_json"},
      {R"({"a":01})", "not_json"},
      {R"({"a":.5})", "not_json"},
      {R"({"a":1.,"b":1})", "not_json"},
      {R"({"a":+1})", "not_json"},
      {R"({"a":NaN})", "not_json"},
      {R"({"a":nul1})", "not_json"},
      {"{\"a\":\"\x01\"}", "not_json"},
      {R"({"a":"\x"})", "not_json"},
      {R"({'a':1})", "not_json"},
      {"\xef\xbb\xbf{}", "not_json"},
      {"plain text", "not_json"},
      {std::string(900'000, '['), "too_deep"},
      {std::string(limits::kEventBytesMax + 1, ' '), "too_large"},
  };
  for (const auto& [bytes, expected] : table) {

    EXPECT_EQ(reason(bytes), expected) << bytes.substr(0, 60);
  }
}

TEST(Json, what_other_readers_refuse_is_still_an_event) {
  for (const char* bytes : {R"({"a":123456789012345678901234567890})", R"({"a":1e999})", R"({"a":-0})", R"({"a":1E-400})",
                            R"({"a":"\ud83d\ude00"})", R"({"":0})", R"({"a":"\u0000"})", "true", "[]", R"("x")", " {} "}) {
    EXPECT_EQ(reason(bytes), "") << bytes;
  }
}

TEST(Json, texts_are_unescaped_and_numbers_keep_their_token) {
  Document document;
  const std::string bytes = R"({"t":"a\"\\\/\b\f\n\r\té\u4e2d\ud83d\ude00","n":1.50e+3,"x":[true,null]})";
  ASSERT_FALSE(decode_json(bytes, document));
  EXPECT_EQ(document.nodes[1].text, "a\"\\/\b\f\n\r\t\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80");
  EXPECT_EQ(document.nodes[2].text, "1.50e+3");
  EXPECT_EQ(document.nodes[3].raw, "[true,null]");
  EXPECT_EQ(document.nodes[3].after, 6U);
}

TEST(Json, the_depth_limit_is_exact) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(reason(nested(limits::kEventDepthMax)), "");
  EXPECT_EQ(reason(nested(limits::kEventDepthMax + 1)), "too_deep");
}

TEST(Json, hostile_sizes_end_in_bounded_time) {
  const auto begin = std::chrono::steady_clock::now();
  std::string keys = "{";
  for (std::size_t i = 0; i < 80'000; ++i) keys += fmt::format("{}\"k{}\":1", i == 0 ? "" : ",", i);
  EXPECT_EQ(reason(keys + "}"), "");
  std::string many = "[";
  for (std::size_t i = 0; i < limits::kEventKeysMax + 1; ++i) many += fmt::format("{}{{\"\":1}}", i == 0 ? "" : ",");
  EXPECT_EQ(reason(many + "]"), "too_many_keys");
  EXPECT_EQ(reason("{\"a\":\"" + std::string(900'000, 'x') + "\"}"), "");
  std::string escapes = "{\"a\":\"";
  for (int i = 0; i < 150'000; ++i) escapes += "\\u0041";
  EXPECT_EQ(reason(escapes + "\"}"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Json, every_prefix_of_a_document_is_dead_and_none_crashes) {
  const std::string bytes = R"({"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",{"b":null,"c":true}],"d":{}})";
  ASSERT_EQ(reason(bytes), "");
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_NE(reason(bytes.substr(0, n)), "") << n;
}

TEST(Decoders, the_table_is_sorted_and_finds_its_rows) {
  for (std::size_t i = 1; i < decoders().size(); ++i) EXPECT_LT(decoders()[i - 1].name, decoders()[i].name);
  EXPECT_EQ(find_decoder("json"), &decode_json);
  EXPECT_EQ(find_decoder("xml"), nullptr);
  for (std::size_t i = 1; i < dead_letter_reasons().size(); ++i) EXPECT_LT(dead_letter_reasons()[i - 1].word, dead_letter_reasons()[i].word);
}

}  // namespace
}  // namespace tocsin::ingest
