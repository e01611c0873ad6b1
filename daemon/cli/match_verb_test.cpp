// match_verb_test.cpp: `tocsin match` as scripts meet it: a line a hit, dead lines told, exit codes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/cli/test_call.h"

namespace tocsin::cli {
namespace {

constexpr std::string_view kRules =
    "title: A \"quoted\" title\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\nlogsource: {product: windows}\ndetection: {s: {user: eva}, condition: s}\n"
    "---\ntitle: Failure\nid: 22222222-2222-4222-8222-222222222222\nlogsource: {product: windows}\ndetection: {s: {outcome: denied}, condition: s}\n"
    "---\ntitle: Many failures\nid: 33333333-3333-4333-8333-333333333333\nlevel: low\n"
    "correlation: {type: event_count, rules: [22222222-2222-4222-8222-222222222222], group-by: [user], timespan: 1m, condition: {gte: 2}}\n";

class MatchVerb : public CallTest {
 protected:
  MatchVerb() { rules_ = file("r.yml", kRules); }
  std::string rules_;
};

TEST_F(MatchVerb, prints_one_line_a_hit_with_the_number_of_the_line) {
  const std::string events = file("e.ndjson", "{\"user\":\"ana\"}\n\n{\"user\":\"EVA\"}\r\n");
  ASSERT_EQ(call({"match", "--rules", rules_, "--routing", "off", events}), 0) << err();
  EXPECT_EQ(out(), "{\"event\":3,\"rule\":\"11111111-1111-4111-8111-111111111111\",\"title\":\"A \\\"quoted\\\" title\",\"level\":\"high\"}\n");
  EXPECT_TRUE(err().starts_with("2 events, 1 matches, 0 correlation alerts, 0 dead lines, ")) << err();
}

TEST_F(MatchVerb, of_several_files_each_hit_names_its_own) {
  const std::string first = file("a.ndjson", "{\"user\":\"eva\"}\n"), second = file("b.ndjson", "{}\n{\"user\":\"eva\"}");
  ASSERT_EQ(call({"match", "--rules", rules_, "--routing", "off", first, second}), 0) << err();
  EXPECT_NE(out().find("{\"file\":\"" + first + "\",\"event\":1,"), std::string::npos) << out();
  EXPECT_NE(out().find("{\"file\":\"" + second + "\",\"event\":2,"), std::string::npos) << out();
}

TEST_F(MatchVerb, a_correlation_is_one_line_a_bucket_with_its_final_count) {
  std::string events;
  for (const char* second : {"05", "01", "03"}) events += fmt::format("{{\"time\":\"2026-01-01T00:00:{}Z\",\"user\":\"b\\\"o\",\"outcome\":\"denied\"}}\n", second);
  ASSERT_EQ(call({"match", "--rules", rules_, "--routing", "off", file("e.ndjson", events)}), 0) << err();
  EXPECT_EQ(out(), "{\"correlation\":\"33333333-3333-4333-8333-333333333333\",\"title\":\"Many failures\",\"level\":\"low\",\"group\":{\"user\":\"b\\\"o\"},"
                   "\"time\":\"2026-01-01T00:00:03Z\",\"count\":3}\n") << "the base is silent, and arrival does not matter";
  EXPECT_NE(err().find("3 events, 0 matches, 1 correlation alerts, 0 dead lines, "), std::string::npos) << err();
}

TEST_F(MatchVerb, with_refire_every_a_correlation_is_told_at_each_event_at_which_it_holds) {
  std::string events;
  for (const char* second : {"01", "05.25", "03", "59"}) events += fmt::format("{{\"time\":\"2026-01-01T00:00:{}Z\",\"user\":\"b\\\"o\",\"outcome\":\"denied\"}}\n", second);
  ASSERT_EQ(call({"match", "--rules", rules_, "--refire", "every", file("e.ndjson", events)}), 0) << err();
  const std::string line = "{\"correlation\":\"33333333-3333-4333-8333-333333333333\",\"title\":\"Many failures\",\"level\":\"low\",\"group\":{\"user\":\"b\\\"o\"},\"time\":\"2026-01-01T00:00:";
  EXPECT_EQ(out(), line + "05.250000Z\",\"count\":2}\n" + line + "03Z\",\"count\":2}\n" + line + "59Z\",\"count\":4}\n") << "each over the minute that ends with it, of what came before it";
  ASSERT_EQ(call({"match", "--rules", rules_, "--refire", "every", "--lateness", "1s", file("e.ndjson", events)}), 0) << err();
  EXPECT_NE(err().find("1 times a correlation refused an event as too late"), std::string::npos) << err();
}

TEST_F(MatchVerb, with_refire_every_groups_are_json_wherever_an_escape_stands_and_however_long_they_are) {
  const std::string once = file("once.yml", std::string(kRules) + "---\ntitle: One\nid: 44444444-4444-4444-8444-444444444444\n"
                                            "correlation: {type: event_count, rules: [22222222-2222-4222-8222-222222222222], group-by: [user], timespan: 1m, condition: {gte: 1}}\n");
  std::vector<std::string> users = {std::string(900'000, 'x')};
  for (const char* escaped : {"\\u001f", "\\\"", "\\\\", "é"}) {
    for (std::size_t place = 0; place < 20; ++place) users.push_back(std::string(place, 'a') + escaped + std::string(20 - place, '~'));
  }
  std::string events;
  for (const std::string& user : users) events += fmt::format("{{\"time\":\"2026-01-01T00:00:01Z\",\"user\":\"{}\",\"outcome\":\"denied\"}}\n", user);
  ASSERT_EQ(call({"match", "--rules", once, "--refire", "every", file("e.ndjson", events)}), 0) << err();
  std::string expected;
  for (const std::string& user : users) {
    expected += "{\"correlation\":\"44444444-4444-4444-8444-444444444444\",\"title\":\"One\",\"level\":\"medium\",\"group\":{\"user\":\"" + user + "\"},\"time\":\"2026-01-01T00:00:01Z\",\"count\":1}\n";
  }
  EXPECT_TRUE(out() == expected) << out().substr(900'000, 2'000);
}

TEST_F(MatchVerb, what_a_correlation_cannot_count_is_told_with_its_line) {
  const std::string wide = file("wide.yml", std::string(kRules) + "---\ntitle: Wide\nid: 44444444-4444-4444-8444-444444444444\n"
                                            "correlation: {type: event_count, rules: [22222222-2222-4222-8222-222222222222], group-by: [a, b], timespan: 1m, condition: {gte: 1}}\n");
  std::string list;
  for (int i = 0; i < 101; ++i) list += fmt::format("{}\"{}\"", i == 0 ? "" : ",", i);
  const std::string events = file("e.ndjson", fmt::format("{{\"time\":\"2026-01-01T00:00:01Z\",\"a\":[{}],\"b\":[{}],\"outcome\":\"denied\"}}\n", list, list));
  for (const char* refire : {"every", "bucket"}) {
    ASSERT_EQ(call({"match", "--rules", wide, "--refire", refire, events}), 0) << err();
    EXPECT_NE(err().find(events + ":1: too_many_matches"), std::string::npos) << refire << err();
    EXPECT_EQ(out(), "") << refire;
  }
}

TEST_F(MatchVerb, events_without_a_time_are_matched_and_no_correlation_counts_them) {
  const std::string events = file("e.ndjson", "{\"user\":\"eva\",\"outcome\":\"denied\"}\n{\"user\":\"eva\",\"outcome\":\"denied\"}\n");
  ASSERT_EQ(call({"match", "--rules", rules_, events}), 0) << err();
  EXPECT_EQ(std::count(out().begin(), out().end(), '\n'), 2) << out();
  EXPECT_NE(err().find("2 events without a time did not count"), std::string::npos) << err();
}

TEST_F(MatchVerb, dead_lines_are_told_with_their_place_and_counted) {
  const std::string events = file("e.ndjson", "{\"user\":\"eva\"}\ngarbage\n[1]\n{\"user\":\"eva\"}\n");
  ASSERT_EQ(call({"match", "--rules", rules_, "--routing", "off", events, "-o", "ndjson"}), 0);
  EXPECT_EQ(std::count(out().begin(), out().end(), '\n'), 2) << out();
  EXPECT_NE(err().find(events + ":2: not_json: "), std::string::npos) << err();
  EXPECT_NE(err().find(events + ":3: not_object: "), std::string::npos) << err();
  EXPECT_NE(err().find("{\"events\":2,\"matches\":2,\"correlations\":0,\"dead\":2,\"timeless\":0,\"late\":0,\"given_up\":0,\"seconds\":"), std::string::npos) << err();
}

TEST_F(MatchVerb, a_mapping_is_a_file_or_the_name_of_an_installed_one) {
  const std::string mapping = file("m.yml", "name: mine\ntime: {record: true}\nfields: {user: who.name}\nlog_source: {product: windows}\n");
  const std::string events = file("e.ndjson", "{\"who\":{\"name\":\"eva\"}}\n");
  ASSERT_EQ(call({"match", "--rules", rules_, "--mapping", mapping, events}), 0) << err();
  EXPECT_EQ(std::count(out().begin(), out().end(), '\n'), 1) << out();
  EXPECT_EQ(call({"match", "--rules", rules_, "--mapping", "no-such-mapping", events}), 3);
  EXPECT_NE(err().find("no mapping `no-such-mapping`"), std::string::npos) << err();
}

TEST_F(MatchVerb, a_rule_that_cannot_be_run_takes_no_other_down_unless_strict) {
  const std::string rules = file("some.yml", std::string(kRules) + "---\ntitle: Bad\nid: bad\nlogsource: {product: windows}\ndetection: {s: {user|contain: x}, condition: s}\n");
  const std::string events = file("e.ndjson", "{\"user\":\"eva\"}\n");
  ASSERT_EQ(call({"match", "--rules", rules, events}), 0);
  EXPECT_EQ(std::count(out().begin(), out().end(), '\n'), 1) << out();
  EXPECT_NE(err().find("did you mean `contains`?"), std::string::npos) << err();
  EXPECT_NE(err().find("1 documents are left out"), std::string::npos) << err();
  EXPECT_EQ(call({"match", "--rules", rules, "--strict", events}), 3);
}

TEST_F(MatchVerb, placeholders_stand_for_the_values_of_a_file) {
  const std::string rules = file("e.yml", "title: E\nid: e\nlogsource: {product: windows}\ndetection: {s: {user|expand: '%admins%'}, condition: s}\n");
  const std::string events = file("e.ndjson", "{\"user\":\"root\"}\n");
  EXPECT_EQ(call({"match", "--rules", rules, events}), 3) << "no rule is left";
  ASSERT_EQ(call({"match", "--rules", rules, "--placeholders", file("admins.txt", "root\n"), events}), 0) << err();
  EXPECT_EQ(std::count(out().begin(), out().end(), '\n'), 1) << out();
}

TEST_F(MatchVerb, what_cannot_be_done_has_its_exit_code) {
  const std::string events = file("e.ndjson", "{}\n");
  EXPECT_EQ(call({"match", "--rules", rules_, folder() + "/none.ndjson"}), 5);
  EXPECT_EQ(call({"match", "--rules", folder() + "/none.yml", events}), 5);
  EXPECT_EQ(call({"match", "--rules", rules_, "--routing", "maybe", events}), 2);
  EXPECT_EQ(call({"match", "--rules", rules_, "--lateness", "soon", events}), 2);
  EXPECT_EQ(call({"match", "--rules", rules_, "-o", "csv", events}), 2);
  EXPECT_EQ(call({"match", "--rules", rules_, folder()}), 3);
}

const std::string kMapping =
    "name: people\nformat: json\ntime: {from: [time]}\nsubjects: [{path: who, id_type: customer}]\nlog_source: {product: windows}\n";

TEST_F(MatchVerb, clear_identifiers_of_people_are_hidden_also_in_groups_of_a_stream) {
  const std::string rules = file("p.yml",
                                 "title: B\nid: b\nname: b\nlogsource: {product: windows}\ndetection: {s: {path: '*'}, condition: s}\n---\n"
                                 "title: C\nid: c\ncorrelation: {type: event_count, rules: [b], group-by: [path], timespan: 1m, condition: {gte: 1}}\n");
  const std::string mapping = file("m.yml", kMapping);
  const std::string events = file("e.ndjson", "{\"time\":\"2026-01-01T00:00:01Z\",\"who\":\"4711\",\"path\":\"/customers/4711\"}\n");
  for (const char* refire : {"bucket", "every"}) {
    ASSERT_EQ(call({"match", "--rules", rules, "--mapping", mapping, "--refire", refire, events}), 0) << err();
    EXPECT_NE(out().find("\"group\":{\"path\":\"/customers/"), std::string::npos) << refire << out() << err();
    EXPECT_EQ(out().find("4711"), std::string::npos) << refire << out();
  }
}

TEST_F(MatchVerb, refire_every_says_which_rules_it_says_nothing_of) {
  const std::string rules = file("f.yml", "title: F\nid: f\nlogsource: {product: windows}\ndetection: {s: {user: eva}, condition: s}\ntocsin: {first_seen: {fields: [host], per: [user], history: 30d, learn: 1d}}\n");
  const std::string events = file("e.ndjson", "{\"time\":\"2026-01-01T00:00:01Z\",\"user\":\"eva\",\"host\":\"a\"}\n");
  ASSERT_EQ(call({"match", "--rules", rules, "--refire", "every", events}), 0) << err();
  EXPECT_NE(err().find("1 rules of first_seen, absence or baseline"), std::string::npos) << err();
  ASSERT_EQ(call({"match", "--rules", rules, events}), 0) << err();
  EXPECT_EQ(err().find("first_seen"), std::string::npos) << err();
}

TEST_F(MatchVerb, events_behind_the_lateness_are_counted_as_late) {
  std::string events;
  for (const char* second : {"50", "01", "51"}) events += fmt::format("{{\"time\":\"2026-01-01T00:00:{}Z\",\"user\":\"eva\",\"outcome\":\"denied\"}}\n", second);
  ASSERT_EQ(call({"match", "--rules", rules_, "--routing", "off", "--lateness", "5s", "-o", "json", file("e.ndjson", events)}), 0) << err();
  EXPECT_NE(err().find("\"late\":1"), std::string::npos) << err();
}

TEST_F(MatchVerb, placeholders_come_with_the_pack_whose_rules_are_read) {
  std::filesystem::create_directories(folder() + "/pack/detections");
  std::filesystem::create_directories(folder() + "/pack/placeholders");
  file("pack/detections/r.yml", "title: T\nid: t\nlogsource: {product: windows}\ndetection: {s: {user|expand: '%who%'}, condition: s}\n");
  file("pack/placeholders/who.txt", "eva\n");
  const std::string events = file("e.ndjson", "{\"user\":\"eva\"}\n");
  ASSERT_EQ(call({"match", "--rules", folder() + "/pack", events}), 0) << err();
  EXPECT_NE(out().find("\"rule\":\"t\""), std::string::npos) << out() << err();
  EXPECT_EQ(call({"rules", "lint", "--rules", folder() + "/pack"}), 0) << out() << err();
}

}  // namespace
}  // namespace tocsin::cli
