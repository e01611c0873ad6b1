// explain_verb_test.cpp: `tocsin explain` picks the rule and the line, and says both as text and as JSON.
#include "daemon/cli/test_call.h"

namespace tocsin::cli {
namespace {

class ExplainVerb : public CallTest {
 protected:
  std::string rules_ = file("r.yml",
                            "title: T\nid: 11111111-1111-4111-8111-111111111111\nname: reads\nlogsource: {product: windows}\n"
                            "detection: {s: {user: eva}, condition: s}\n");
  std::string events_ = file("e.ndjson", "{\"user\":\"ana\"}\n{\"user\":\"eva\"}\nnothing\n");
};

TEST_F(ExplainVerb, the_line_is_chosen_by_its_number_and_the_rule_by_id_or_name) {
  ASSERT_EQ(call({"explain", "--rules", rules_, "--routing", "off", "--rule", "reads", events_}), 0) << err();
  EXPECT_TRUE(out().starts_with("✗ rule `T`\n")) << out();
  EXPECT_NE(out().find("user is 'eva'  ← 'ana'"), std::string::npos) << out();
  ASSERT_EQ(call({"explain", "--rules", rules_, "--routing", "off", "--rule", "11111111-1111-4111-8111-111111111111", "--event", "2", events_}), 0) << err();
  EXPECT_TRUE(out().starts_with("✓ rule `T`\n")) << out();
}

TEST_F(ExplainVerb, json_is_one_tree) {
  ASSERT_EQ(call({"explain", "--rules", rules_, "--rule", "reads", "-o", "json", events_}), 0) << err();
  EXPECT_TRUE(out().starts_with("{\"holds\":false,\"asked\":\"rule `T`\",\"parts\":[")) << out();
}

TEST_F(ExplainVerb, what_is_not_there_is_told) {
  EXPECT_EQ(call({"explain", "--rules", rules_, "--rule", "read", events_}), 5);
  EXPECT_NE(err().find("did you mean `reads`?"), std::string::npos) << err();
  EXPECT_EQ(call({"explain", "--rules", rules_, "--rule", "reads", "--event", "9", events_}), 5);
  EXPECT_NE(err().find("has 3 lines; there is no line 9"), std::string::npos) << err();
  EXPECT_EQ(call({"explain", "--rules", rules_, "--rule", "reads", "--event", "3", events_}), 1);
  EXPECT_NE(err().find(":3: not_json: "), std::string::npos) << err();
  EXPECT_EQ(call({"explain", "--rules", rules_, events_}), 2);
}

TEST_F(ExplainVerb, a_tree_has_no_csv) {
  EXPECT_EQ(call({"explain", "--rules", rules_, "--rule", "reads", "-o", "csv", events_}), 2);
  EXPECT_NE(err().find("there is no CSV"), std::string::npos) << err();
}

TEST_F(ExplainVerb, an_event_may_have_the_time_of_its_file_as_match_gives_it) {
  const std::string mapping = file("m.yml", "name: timeless\nformat: json\nfields: {user: user}\ntime: {record: true}\nlog_source: {product: windows}\n");
  EXPECT_EQ(call({"explain", "--rules", rules_, "--rule", "reads", "--mapping", mapping, events_}), 0) << err();
}

}  // namespace
}  // namespace tocsin::cli
