// plan_test.cpp: the shipped playbook, and the playbook's words against the channels there are.
#include "daemon/casebook/plan.h"

#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

using testing::HasSubstr;

TEST(Playbook, the_shipped_one_loads_and_means_what_its_comments_say) {
  const auto playbook = load_playbook(std::string(TOCSIN_SOURCE_DIR) + "/rules/playbook.yml");
  ASSERT_TRUE(playbook) << playbook.error().text;
  const Plan plan(*playbook, small_company());
  EXPECT_THAT(plan.group_by(), testing::ElementsAre("actor.id"));
  EXPECT_EQ(plan.quiet(), std::chrono::hours(24));
  EXPECT_EQ(plan.approvals_needed(), 1U);
  EXPECT_EQ(plan.locale(), "zh-CN");
  ASSERT_EQ(plan.chain().size(), 3U);
  EXPECT_EQ(plan.chain()[0].name, "app");
  ASSERT_EQ(plan.operations().size(), 1U);
  EXPECT_EQ(plan.operations()[0].name, "ops");
  EXPECT_EQ(plan.auto_confirm("anything"), "");
  EXPECT_TRUE(plan.problems().empty());
}

TEST(Playbook, an_empty_one_means_the_same) {
  auto folder = *TemporaryFolder::make();
  ASSERT_TRUE(write_file(folder.path() + "/p.yml", "notice: {chain: [push, sms, email]}\noperations: {channels: [webhook]}\n"));
  const auto small = load_playbook(folder.path() + "/p.yml");
  ASSERT_TRUE(small) << small.error().text;
  const auto shipped = load_playbook(std::string(TOCSIN_SOURCE_DIR) + "/rules/playbook.yml");
  EXPECT_EQ(Plan(*small, small_company()).hash(), Plan(*shipped, small_company()).hash());
  EXPECT_EQ(Plan(*small, small_company()).quiet(), std::chrono::hours(24));
}

TEST(Playbook, a_wrong_word_is_pointed_at) {
  auto folder = *TemporaryFolder::make();
  const std::string path = folder.path() + "/p.yml";
  const auto fault = [&](const std::string& text) {
    EXPECT_TRUE(write_file(path, text));
    const auto loaded = load_playbook(path);
    return loaded ? std::string("accepted") : loaded.error().text;
  };
  EXPECT_THAT(fault("announcement:\n  when: sometimes\n"), HasSubstr("p.yml:2:9"));
  EXPECT_THAT(fault("approval:\n  needed: 0\n"), HasSubstr("p.yml:2:11"));
  EXPECT_THAT(fault("aproval: {}\n"), HasSubstr("approval"));
  EXPECT_THAT(fault("auto_confirm:\n  - rule: x\n"), HasSubstr("reason"));
  EXPECT_THAT(fault("incident: {quiet: 3}\n"), HasSubstr("p.yml:1"));
}

TEST(Plan, names_and_types_select_channels_in_the_playbooks_order_each_once) {
  v1::Config config = small_company();
  auto* second = config.add_channels();
  second->set_name("mail-2");
  second->set_type("email");
  v1::Playbook playbook;
  for (const char* word : {"mail-2", "pigeon", "email", "webhook"}) playbook.mutable_notice()->add_chain(word);
  const Plan plan(playbook, config);
  ASSERT_EQ(plan.chain().size(), 2U) << "a webhook reaches no single person";
  EXPECT_EQ(plan.chain()[0].name, "mail-2");
  EXPECT_EQ(plan.chain()[1].name, "mail");
}

TEST(Plan, a_word_that_means_nothing_is_a_problem_with_a_hint) {
  v1::Playbook playbook = usual_playbook();
  playbook.mutable_notice()->add_chain("emial");
  playbook.mutable_operations()->add_channels("pigeon");
  const auto problems = Plan(playbook, small_company()).problems();
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0], HasSubstr("`notice.chain` names `emial`"));
  EXPECT_THAT(problems[0], HasSubstr("did you mean `email`?"));
  EXPECT_THAT(problems[1], HasSubstr("`operations.channels` names `pigeon`"));
}

TEST(Plan, the_next_channel_is_one_that_the_person_has) {
  const Plan plan(usual_playbook(), small_company());
  store::ContactRow person;
  EXPECT_EQ(plan.next_for(person, ""), nullptr);
  person.email = Pii("a@b.example");
  ASSERT_NE(plan.next_for(person, ""), nullptr);
  EXPECT_EQ(plan.next_for(person, "")->name, "mail");
  EXPECT_EQ(plan.next_for(person, "mail"), nullptr);
  EXPECT_EQ(plan.next_for(person, "a channel that was removed"), nullptr);
}

TEST(Plan, the_announcement_rule_counts_as_written) {
  v1::Playbook playbook = usual_playbook();
  const auto must = [&](std::int64_t of, std::int64_t unreachable, std::int64_t unnamed = 0) { return Plan(playbook, small_company()).must_announce(of, unreachable, unnamed); };
  EXPECT_FALSE(must(100, 0));
  EXPECT_TRUE(must(100, 1));
  EXPECT_TRUE(must(0, 0, 1));
  playbook.mutable_announcement()->set_unreachable_percent(10);
  EXPECT_FALSE(must(100, 10));
  EXPECT_TRUE(must(100, 11));
  playbook.mutable_announcement()->set_when("always");
  EXPECT_TRUE(must(100, 0));
  playbook.mutable_announcement()->set_when("never");
  EXPECT_FALSE(must(100, 100, 5));
}

}  // namespace
}  // namespace tocsin::casebook
