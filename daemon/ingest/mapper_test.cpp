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

/// Fields below any object of `any`, then as they stand, as windows_event does.
v1::Mapping with_star() {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  for (const char* root : {"any.*", "any", ""}) mapping.add_roots(root);
  return mapping;
}

TEST(Mapper, a_star_enters_also_what_other_rules_read_by_name) {
  const std::string value = R"({"any":{"Kind":{"f":"1","deep":{"g":"2"}},"Other":{"f":"3"}},"f":"4"})";
  for (const std::vector<std::string>& others : {std::vector<std::string>{}, {"Kind"}, {"Kind.deep.x"}, {"Kind.f"}, {"Kind", "any.Kind.f", "Other.f"}}) {
    std::vector<std::string> names{"f", "deep.g"};
    names.insert(names.end(), others.begin(), others.end());
    Bench bench(names, with_star());
    ASSERT_EQ(bench.map(value), "");
    EXPECT_EQ(bench.value("f"), "1,3") << fmt::format("beside {}", fmt::join(others, " "));
    EXPECT_EQ(bench.value("deep.g"), "2") << fmt::format("beside {}", fmt::join(others, " "));
  }
  Bench bench({"Kind.f", "f"}, with_star());
  ASSERT_EQ(bench.map(value), "");
  EXPECT_EQ(bench.value("Kind.f"), "1") << "and what is read by name is read as before";
}

TEST(Mapper, stars_below_stars_and_names_are_all_followed) {
  v1::Mapping mapping = with_star();
  mapping.clear_roots();
  for (const char* root : {"*.*", "a.*", "*.b", "a.b"}) mapping.add_roots(root);
  const std::pair<std::string, std::string> table[] = {
      {R"({"a":{"b":{"f":1}}})", "1"},
      {R"({"a":{"x":{"f":2}}})", "2"},
      {R"({"x":{"b":{"f":3}}})", "3"},
      {R"({"x":{"y":{"f":4}},"a":{"b":{"f":5},"c":[{"f":6}]}})", "4,5,6"},
      {R"({"a":{"f":7}})", ""},
  };
  for (const auto& [value, expected] : table) {
    Bench bench({"f", "b.f", "g"}, mapping);
    ASSERT_EQ(bench.map(value), "");
    EXPECT_EQ(bench.value("f"), expected) << value;
  }
}

TEST(Mapper, a_clear_identifier_is_shown_by_no_other_way_to_its_place) {
  v1::Mapping mapping = with_people();
  for (const char* root : {"*", "*.*", ""}) mapping.add_roots(root);
  mapping.mutable_subjects(0)->set_path("who");
  mapping.set_categories("*.id");
  v1::Difference& more = *mapping.add_differences();
  more.set_target("more");
  more.set_from("*.id");
  more.set_minus("none");
  for (const char* from : {"*.id", "*.*.id"}) {
    mapping.mutable_log_source()->set_product_from(from);
    mapping.mutable_log_source()->set_category_from(from);
    mapping.mutable_log_source()->set_service_from(from);
    Bench bench({"id", "who.id", "x.id", "more", "who"}, mapping, true);
    bench.fields.wants_all = true;
    for (const char* value : {R"({"t":1,"none":[],"who":{"id":"canary"},"x":{"id":"open"}})", R"({"t":1,"none":[],"who":[{"id":"canary"}],"x":{"id":"open"}})", R"({"t":1,"none":[],"who":"canary","x":{"id":"open"}})"}) {
      ASSERT_EQ(bench.map(value), "");
      const Event& event = bench.events[0];
      EXPECT_EQ(event.subjects.size(), 1U) << value;
      for (const Value& each : event.all_values()) EXPECT_EQ(each.raw.find("canary"), std::string::npos) << value;
      for (const std::string_view each : event.categories) EXPECT_NE(each, "canary") << value;
      for (const std::string_view each : {event.log_source.product, event.log_source.category, event.log_source.service}) EXPECT_NE(each, "canary") << value;
      EXPECT_EQ(bench.value("id"), "open") << value;
      EXPECT_EQ(bench.value("more"), "open") << value;
    }
  }
}

TEST(Mapper, an_identifier_under_a_dotted_key_is_nobodys_and_still_shown_by_nothing) {
  Bench bench({"who.id", "who", "name"}, with_people());
  bench.fields.wants_all = true;
  ASSERT_EQ(bench.map(R"({"t":1,"who.id":"canary","name":"seen"})"), "");
  EXPECT_EQ(bench.value("name"), "seen");
  EXPECT_EQ(bench.events[0].count(FieldTable::kAll), 1U) << "the other text";
  for (const Value& each : bench.events[0].all_values()) EXPECT_NE(each.raw, "canary");
}

TEST(Mapper, lists_of_texts_are_read_and_objects_around_people_are_not) {
  v1::Mapping mapping = with_people();
  mapping.mutable_subjects(0)->set_path("actor.id");
  mapping.mutable_subjects(0)->clear_id();
  mapping.set_categories("actor");
  v1::Difference& more = *mapping.add_differences();
  more.set_target("more");
  more.set_from("actor");
  more.set_minus("none");
  Bench bench({"more"}, mapping);
  ASSERT_EQ(bench.map(R"({"t":1,"none":[],"actor":{"id":"canary"}})"), "");
  EXPECT_TRUE(bench.events[0].categories.empty());
  EXPECT_EQ(bench.value("more"), "");
  ASSERT_EQ(bench.map(R"({"t":1,"none":[],"actor":["a","b",{"c":"d"}]})"), "");
  EXPECT_EQ(bench.events[0].categories.size(), 2U);
  EXPECT_EQ(bench.value("more"), "a,b");
}

TEST(Mapper, blanks_in_keys_and_in_the_names_that_rules_use_hide_nobody) {
  v1::Mapping mapping = with_people();
  mapping.set_strip_blanks(true);
  mapping.mutable_subjects(0)->set_path("who.AccountName");
  mapping.mutable_subjects(0)->clear_id();
  mapping.mutable_subjects(0)->clear_count();
  // Were a key looked up as it is written first, the rule's own blanks would lead past the person.
  Bench bench({"who.Account Name", "w ho.x", "who.AccountName", "Threat Name", "ThreatName"}, mapping, true);
  for (const char* value : {R"({"t":1,"who":{"Account Name":"canary"},"Threat Name":"v"})", R"({"t":1,"w ho":{"AccountName":"canary"},"ThreatName":"v"})", R"({"t":1,"w ho":{"A c c o u n t Name":"canary"},"T hreat Name":"v"})"}) {
    ASSERT_EQ(bench.map(value), "");
    EXPECT_EQ(bench.events[0].subjects.size(), 1U) << value;
    for (const Value& each : bench.events[0].all_values()) EXPECT_NE(each.raw, "canary") << value;
    EXPECT_EQ(bench.value("ThreatName"), "v") << value;
    EXPECT_EQ(bench.value("Threat Name"), "v") << value;
  }
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

TEST(Mapper, what_a_case_asks_for_is_read_as_texts_numbers_and_truths_and_nothing_else_holds) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  v1::LogSourceRule& rule = *mapping.mutable_log_source();
  const auto add = [&](std::string_view category) -> google::protobuf::Value& {
    rule.add_cases()->set_category(std::string(category));
    return (*rule.mutable_cases(rule.cases_size() - 1)->mutable_when())["x"];
  };
  add("yes").set_bool_value(true);
  add("no").set_bool_value(false);
  add("one and a half").set_number_value(1.5);
  add("two").set_number_value(2);
  add("zero").set_number_value(0);
  add("large").set_number_value(9007199254740991);
  add("tiny").set_number_value(1e-7);
  add("huge").set_number_value(1e300);
  add("longer than a double").set_string_value("12345678901234567890");
  add("a text").set_string_value("word");
  add("the empty text").set_string_value("");
  add("the word null").set_string_value("null");
  rule.add_cases()->set_category("none");
  Bench bench({}, mapping);
  const std::pair<std::string, std::string> table[] = {
      {"true", "yes"}, {"\"true\"", "yes"}, {"false", "no"}, {"1.5", "one and a half"}, {"1.50", "one and a half"}, {"15e-1", "one and a half"}, {"\"1.5\"", "one and a half"},
      {"2", "two"}, {"2.0", "two"}, {"2e0", "two"}, {"\"2\"", "two"}, {"1", "none"}, {"2.5", "none"}, {"1.4999", "none"}, {"0", "zero"}, {"-0", "zero"}, {"-0.0", "zero"}, {"0e5", "zero"},
      {"9007199254740991", "large"}, {"9007199254740992", "none"}, {"1E-7", "tiny"}, {"0.0000001", "tiny"}, {"1e300", "huge"}, {"1e999", "none"}, {"-1e999", "none"},
      {"12345678901234567890", "longer than a double"}, {"12345678901234567891", "none"}, {"\"word\"", "a text"}, {"\"\"", "the empty text"}, {"\"null\"", "the word null"},
      {"null", "none"}, {"{}", "none"}, {"[]", "none"}, {"[true]", "none"}, {"{\"x\":true}", "none"},
  };
  for (const auto& [value, category] : table) {
    ASSERT_EQ(bench.map("{\"x\":" + value + "}"), "");
    EXPECT_EQ(bench.events[0].log_source.category, category) << value;
  }
}

TEST(Mapper, a_category_that_the_event_tells_itself_has_no_wider_one) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  v1::LogSourceRule& rule = *mapping.mutable_log_source();
  rule.set_category_from("category");
  rule.add_cases()->set_category("registry_set");
  rule.mutable_cases(0)->set_wider("registry_event");
  (*rule.mutable_cases(0)->mutable_when())["id"].set_number_value(13);
  Bench bench({}, mapping);
  ASSERT_EQ(bench.map(R"({"id":13})"), "");
  EXPECT_EQ(bench.events[0].log_source.wider, "registry_event");
  ASSERT_EQ(bench.map(R"({"id":13,"category":"file_event"})"), "");
  EXPECT_EQ(bench.events[0].log_source.category, "file_event");
  EXPECT_EQ(bench.events[0].log_source.wider, "");
  ASSERT_EQ(bench.map(R"({"id":7})"), "");
  EXPECT_EQ(bench.events[0].log_source.wider, "") << "of the event before";
}

TEST(Mapper, a_mapping_that_asks_for_an_empty_text_gets_no_object) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_optional(true);
  (*mapping.add_match()->mutable_equals())["x"] = "";
  Bench bench({}, mapping);
  EXPECT_EQ(bench.map(R"({"x":""})"), "");
  EXPECT_EQ(bench.map(R"({"x":{}})"), "no_mapping");
  EXPECT_EQ(bench.map(R"({"x":["a"]})"), "no_mapping");
  EXPECT_EQ(bench.map(R"({})"), "no_mapping");
}

}  // namespace
}  // namespace tocsin::ingest
