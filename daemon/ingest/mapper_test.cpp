// mapper_test.cpp: what every event gets at once, what only those get that a rule said yes to, and which path fills a field.
#include "daemon/ingest/mapper.h"

#include <gtest/gtest.h>

namespace tocsin::ingest {
namespace {

struct Bench {
  Bench(std::vector<std::string> names, const v1::Mapping& mapping, bool wants_subjects = false) {
    for (const std::string& name : names) fields.intern(name);
    fields.wants_subjects = wants_subjects;
    auto made = Mapper::make({mapping}, fields, {.source = "s", .subject_key = {Secret(std::string(32, 'k')), 1}, .mappings = {mapping.name()}});
    EXPECT_TRUE(made) << made.error().text;
    mapper = std::make_unique<Mapper>(std::move(*made));
  }
  /// The reason of a dead letter, or nothing.
  std::string map(std::string value) {
    record.value = std::move(value);
    DeadLetter dead;
    return mapper->map(record, events, dead) ? "" : std::string(dead.reason);
  }
  std::string value(std::string_view field, std::size_t event = 0) const {
    std::string out;
    for (const Value& each : events.at(event).values(fields.find(field))) out += fmt::format("{}{}", out.empty() ? "" : ",", each.raw);
    return out;
  }

  FieldTable fields;
  std::unique_ptr<Mapper> mapper;
  Record record;
  std::vector<Event> events;
};

/// People by `who`, exploded from `list`.
v1::Mapping with_people() {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.set_explode("list");
  mapping.mutable_time()->add_from("t");
  mapping.mutable_time()->set_unit("s");
  v1::SubjectRule& rule = *mapping.add_subjects();
  rule.set_path("who");
  rule.set_id("id");
  rule.set_id_type("customer");
  rule.set_count("count");
  return mapping;
}

TEST(Mapper, identity_and_people_come_when_they_are_asked_for_and_once) {
  Bench bench({"t"}, with_people());
  ASSERT_EQ(bench.map(R"({"list":[{"t":1,"who":["a","b","a"]},{"t":2,"who":{"id":"c","count":7}},{"t":3}]})"), "");
  ASSERT_EQ(bench.events.size(), 3U);
  for (const Event& event : bench.events) {
    EXPECT_EQ(event.id, Id128{});
    EXPECT_TRUE(event.subjects.empty());
    EXPECT_TRUE(event.clear_ids.empty());
  }
  // What decides nothing about matching but stands in every match is known already.
  EXPECT_EQ(bench.events[0].count_basis, v1::COUNT_BASIS_EXACT);
  EXPECT_EQ(bench.events[1].subject_count, 7);
  EXPECT_EQ(bench.events[1].count_basis, v1::COUNT_BASIS_REPORTED);
  for (const std::size_t i : {2U, 0U, 1U, 0U}) bench.mapper->complete(bench.events[i]);   // In any order, and twice.
  EXPECT_EQ(bench.events[0].id, identity({"s", R"({"t":1,"who":["a","b","a"]})"}));
  EXPECT_EQ(bench.events[0].subjects.size(), 2U);
  EXPECT_EQ(bench.events[0].clear_ids.size(), 3U);
  EXPECT_EQ(bench.events[1].subjects.size(), 1U);
  EXPECT_EQ(bench.events[1].subject_count, 7);
  EXPECT_TRUE(bench.events[2].subjects.empty());
  EXPECT_NE(bench.events[2].id, bench.events[1].id);
}

TEST(Mapper, a_detection_that_reads_the_hashes_finds_them) {
  Bench bench({}, with_people(), true);
  ASSERT_EQ(bench.map(R"({"t":1,"who":"a"})"), "");
  EXPECT_EQ(bench.events[0].subjects.size(), 1U);
  EXPECT_NE(bench.events[0].id, Id128{});
}

TEST(Mapper, people_that_cannot_be_hashed_are_found_before_anybody_asks) {
  Bench bench({}, with_people());
  EXPECT_EQ(bench.map(R"({"t":1,"who":""})"), "bad_subject");
  EXPECT_EQ(bench.map(R"({"t":1,"who":["a"," \t\u00a0\u200b"]})"), "bad_subject");
  EXPECT_EQ(bench.map(R"({"t":1,"who":[["a"]]})"), "wrong_type");
  EXPECT_EQ(bench.map(R"({"t":1,"who":{"id":["a"]}})"), "wrong_type");
  EXPECT_EQ(bench.map(R"({"t":1,"who":{"count":-1}})"), "wrong_type");
  EXPECT_EQ(bench.map(R"({"t":1,"who":["中","ok",null,7]})"), "");
}

TEST(Mapper, of_several_paths_the_first_that_exists_fills_the_field_whatever_their_order_in_the_document) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  google::protobuf::Value& paths = (*mapping.mutable_fields())["f"];
  for (const char* path : {"best", "list.second", "third"}) paths.mutable_list_value()->add_values()->set_string_value(path);
  Bench bench({"f", "list"}, mapping);
  ASSERT_EQ(bench.map(R"({"third":3,"list":[{"second":2},{"second":22}],"best":[1,11]})"), "");
  EXPECT_EQ(bench.value("f"), "1,11");
  ASSERT_EQ(bench.map(R"({"best":1,"list":{"second":2},"third":3})"), "");
  EXPECT_EQ(bench.value("f"), "1");
  ASSERT_EQ(bench.map(R"({"third":3,"list":[{"second":2},{"x":1},{"second":22}]})"), "");
  EXPECT_EQ(bench.value("f"), "2,22");
  ASSERT_EQ(bench.map(R"({"third":3,"best":null})"), "");
  EXPECT_EQ(bench.value("f"), "null") << "a null is there";
}

TEST(Mapper, keys_lose_their_blanks_where_the_mapping_says_so_and_people_stay_people) {
  v1::Mapping mapping = with_people();
  mapping.mutable_subjects(0)->set_path("who.AccountName");
  mapping.mutable_subjects(0)->clear_id();
  const std::string value = R"({"t":1,"Source Name":"a","who":{"Account Name":"ana"}})";
  Bench strict({"SourceName", "who.AccountName"}, mapping);
  ASSERT_EQ(strict.map(value), "");
  EXPECT_EQ(strict.value("SourceName"), "");
  mapping.set_strip_blanks(true);
  Bench bench({"SourceName", "who.AccountName"}, mapping);
  ASSERT_EQ(bench.map(value), "");
  EXPECT_EQ(bench.value("SourceName"), "a");
  EXPECT_EQ(bench.value("who.AccountName"), "") << "an identifier reaches no field";
  bench.mapper->complete(bench.events[0]);
  EXPECT_EQ(bench.events[0].subjects.size(), 1U);
  ASSERT_EQ(bench.map(R"({"t":1,")" + std::string(10'000, ' ') + R"(":1})"), "");
}

TEST(Mapper, the_first_case_of_a_log_source_that_holds_counts) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  v1::LogSourceRule& rule = *mapping.mutable_log_source();
  rule.set_product("p");
  const auto add = [&](std::string_view category, std::vector<std::pair<std::string, std::vector<std::string>>> when) {
    v1::LogSourceCase& each = *rule.add_cases();
    each.set_category(std::string(category));
    for (const auto& [path, texts] : when) {
      google::protobuf::Value& wanted = (*each.mutable_when())[path];
      for (const std::string& text : texts) wanted.mutable_list_value()->add_values()->set_string_value(text);
    }
  };
  for (int i = 0; i < 130; ++i) add(fmt::format("c{}", i), {{"id", {std::to_string(i)}}, {"kind", {"x", "y"}}});
  add("any x", {{"kind", {"x"}}});
  add("else", {});
  Bench bench({}, mapping);
  const std::pair<std::string, std::string> table[] = {
      {R"({"id":0,"kind":"x"})", "c0"},         {R"({"id":129,"kind":"y"})", "c129"}, {R"({"id":"70","kind":["y"]})", "else"},
      {R"({"id":70,"kind":"z"})", "else"},      {R"({"id":130,"kind":"x"})", "any x"}, {R"({"kind":"x","id":[{}]})", "any x"},
      {R"({"id":5})", "else"},                  {"{}", "else"},
  };
  for (const auto& [value, category] : table) {
    ASSERT_EQ(bench.map(value), "");
    EXPECT_EQ(bench.events[0].log_source.category, category) << value;
    EXPECT_EQ(bench.events[0].log_source.product, "p");
  }
}

}  // namespace
}  // namespace tocsin::ingest
