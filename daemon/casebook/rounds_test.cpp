// rounds_test.cpp: what an approval binds, who may give it, and what stops it.
#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Rounds : public CasebookTest {};

TEST_F(Rounds, confirming_freezes_the_people_of_that_moment) {
  const std::string id = confirmed_about({"c1", "c2"});
  Effects more;
  more.affected = {affected_of("rule-1", "eve", {"c3"}, 1)};
  absorb(more);
  const v1::Round round = **store_->read()->round(id, 1);
  EXPECT_EQ(round.recipients(), 2);
  EXPECT_EQ(round.proposed_by(), "unix:alice");
  EXPECT_EQ(round.approvals_needed(), 1U);
  const auto people = *store_->read()->recipients(id, 1);
  std::set<Id128> refs;
  for (const auto& person : people) refs.insert(person.ref);
  EXPECT_EQ(refs, (std::set<Id128>{ref_of("c1"), ref_of("c2")}));
  // Those who joined are a round of their own, with an approval of its own.
  const auto grown = book_->propose(id, kBob);
  ASSERT_TRUE(grown) << grown.error().text;
  ASSERT_EQ(grown->rounds_size(), 2);
  EXPECT_EQ(grown->rounds(1).recipients(), 1);
  EXPECT_NE(grown->rounds(1).binding(), round.binding());
  EXPECT_THAT(book_->propose(id, kBob).error().text, HasSubstr("nobody joined"));
}

TEST_F(Rounds, a_suspected_incident_has_no_round) {
  const std::string id = incident_about({"c1"});
  EXPECT_FALSE(book_->propose(id, kAlice));
  EXPECT_THAT(book_->approve(id, 0, kBob, "x").error().text, HasSubstr("has no round of notices"));
}

TEST_F(Rounds, the_same_person_cannot_approve_under_any_credential) {
  const std::string id = confirmed_about({"c1"});
  for (const char* name : {"unix:alice", "token:alice", "alice"}) {
    const auto approved = book_->approve(id, 1, {name}, binding(id));
    ASSERT_FALSE(approved) << name;
    EXPECT_EQ(approved.error().kind, ErrorKind::refused);
    EXPECT_THAT(approved.error().text, HasSubstr("a second person has to approve"));
  }
  EXPECT_TRUE(notices(id).empty());
  EXPECT_TRUE(book_->approve(id, 1, kBob, binding(id)));
}

TEST_F(Rounds, whoever_confirmed_cannot_approve_a_round_that_somebody_else_proposed) {
  const std::string id = confirmed_about({"c1"});
  Effects more;
  more.affected = {affected_of("rule-1", "eve", {"c2"}, 1)};
  absorb(more);
  ASSERT_TRUE(book_->propose(id, kBob));
  EXPECT_FALSE(book_->approve(id, 2, kAlice, binding(id, 2)));
  EXPECT_FALSE(book_->approve(id, 2, kBob, binding(id, 2)));
  EXPECT_TRUE(book_->approve(id, 2, kCarol, binding(id, 2)));
}

TEST_F(Rounds, two_approvals_mean_two_people) {
  playbook_.mutable_approval()->set_needed(2);
  rebuild();
  const std::string id = confirmed_about({"c1"});
  const auto first = book_->approve(id, 1, kBob, binding(id));
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(first->state(), v1::CONFIRMED);
  EXPECT_EQ(round_state(id), v1::ROUND_AWAITING_APPROVAL);
  EXPECT_TRUE(notices(id).empty());
  EXPECT_THAT(book_->approve(id, 1, {"token:bob"}, binding(id)).error().text, HasSubstr("has approved"));
  const auto second = book_->approve(id, 1, kCarol, binding(id));
  ASSERT_TRUE(second) << second.error().text;
  EXPECT_EQ(second->state(), v1::NOTIFYING);
  EXPECT_EQ(notices(id).size(), 1U);
}

TEST_F(Rounds, a_playbook_that_asks_for_no_approval_still_gets_one) {
  playbook_.mutable_approval()->set_needed(0);
  rebuild();
  EXPECT_EQ(book_->plan().approvals_needed(), 1U);
}

TEST_F(Rounds, an_edit_of_text_or_channels_voids_what_was_approved_before) {
  playbook_.mutable_approval()->set_needed(2);
  rebuild();
  const std::string id = confirmed_about({"c1"});
  const std::string seen = binding(id);
  ASSERT_TRUE(book_->approve(id, 1, kBob, seen));
  config_.mutable_organisation()->set_name("Acme Limited");   // The words change.
  rebuild();
  const std::string corrected = binding(id);
  EXPECT_NE(corrected, seen);
  EXPECT_THAT(book_->approve(id, 1, kCarol, seen).error().text, HasSubstr("its text, recipients or channels changed"));
  ASSERT_TRUE(book_->approve(id, 1, kCarol, corrected));
  EXPECT_EQ(round_state(id), v1::ROUND_AWAITING_APPROVAL) << "bob approved other words";
  playbook_.mutable_notice()->add_chain("email");              // The same channels: nothing changes.
  rebuild();
  EXPECT_EQ(binding(id), corrected);
  playbook_.mutable_notice()->clear_chain();
  playbook_.mutable_notice()->add_chain("email");              // Other channels.
  rebuild();
  EXPECT_NE(binding(id), corrected);
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  EXPECT_EQ(round_state(id), v1::ROUND_AWAITING_APPROVAL) << "carol approved other channels";
  ASSERT_TRUE(book_->approve(id, 1, kCarol, binding(id)));
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
}

TEST_F(Rounds, recipients_changed_in_the_database_are_noticed) {
  const std::string id = confirmed_about({"c1"});
  auto tx = *store_->begin();
  v1::Round round = **tx.round(id, 1);
  round.set_number(2);
  // A round whose rows are not those of its hash, as if somebody had added a person.
  ASSERT_TRUE(tx.insert_round(round, {{ref_of("c2"), ref_of("c2"), "subject", {}}}, *tx.round_facts(id, 1)));
  ASSERT_TRUE(tx.commit());
  EXPECT_THAT(book_->preview(id, 2, "", "")->problems(), Contains(HasSubstr("are not those that were frozen")));
  EXPECT_FALSE(book_->approve(id, 2, kBob, binding(id, 2)));
}

TEST_F(Rounds, more_people_than_max_recipients_are_refused_until_the_brake_is_moved) {
  config_.mutable_delivery()->set_max_recipients(1);
  rebuild();
  const std::string id = confirmed_about({"c1", "c2"});
  EXPECT_THAT(book_->approve(id, 1, kBob, binding(id)).error().text, HasSubstr("2 recipients are more than `delivery.max_recipients` (1)"));
  config_.mutable_delivery()->set_max_recipients(2);
  rebuild();
  EXPECT_TRUE(book_->approve(id, 1, kBob, binding(id)));
}

TEST_F(Rounds, words_that_cannot_be_written_block_approval_but_not_confirmation) {
  config_.mutable_organisation()->Clear();
  rebuild();
  const std::string id = confirmed_about({"c1"});
  EXPECT_EQ(book_->incident(id)->state(), v1::CONFIRMED);
  EXPECT_THAT(book_->preview(id, 1, "", "")->problems(), Contains(HasSubstr("a notice cannot be written")));
  EXPECT_FALSE(book_->approve(id, 1, kBob, binding(id)));
  config_ = small_company();
  rebuild();
  EXPECT_TRUE(book_->preview(id, 1, "", "")->problems().empty());
  EXPECT_TRUE(book_->approve(id, 1, kBob, binding(id)));
}

TEST_F(Rounds, a_plan_without_channels_is_a_problem_that_says_what_to_do) {
  config_.clear_channels();
  rebuild();
  const std::string id = confirmed_about({"c1"});
  EXPECT_THAT(book_->preview(id, 1, "", "")->problems(), Contains(HasSubstr("no configured channel")));
  EXPECT_THAT(book_->preview(id, 1, "", "")->problems(), Contains(HasSubstr("announcement")));
}

TEST_F(Rounds, a_preview_counts_people_by_first_channel_and_shows_the_words) {
  const std::string id = confirmed_about({"c1", "c2", "c3", "c9"});
  const auto preview = book_->preview(id, 0, "email", "en");
  ASSERT_TRUE(preview) << preview.error().text;
  EXPECT_EQ(preview->recipients(), 4);
  EXPECT_EQ(preview->by_channel().at("app"), 1);
  EXPECT_EQ(preview->by_channel().at("mail"), 1);
  EXPECT_EQ(preview->by_channel().at("text"), 1);
  EXPECT_EQ(preview->by_channel().at("unreachable"), 1);
  EXPECT_THAT(preview->text(), HasSubstr("Acme Ltd"));
  EXPECT_FALSE(preview->html().empty());
  EXPECT_THAT(book_->preview(id, 0, "mail", "zh-CN")->text(), HasSubstr("阿克米公司"));
  EXPECT_FALSE(book_->preview(id, 0, "page", "")->html().empty());
  EXPECT_FALSE(book_->preview(id, 0, "pigeon", ""));
}

TEST_F(Rounds, a_child_brings_its_guardian_and_both_are_counted) {
  const std::string id = confirmed_about({"kid"});
  const auto people = *store_->read()->recipients(id, 1);
  ASSERT_EQ(people.size(), 2U);
  const auto& guardian = people[0].kind == "guardian" ? people[0] : people[1];
  const auto& minor = people[0].kind == "guardian" ? people[1] : people[0];
  EXPECT_EQ(minor.kind, "minor");
  EXPECT_EQ(minor.ref, ref_of("kid"));
  EXPECT_EQ(guardian.contact, ref_of("mum"));
  EXPECT_EQ(*guardian.ward, ref_of("kid"));
  EXPECT_NE(guardian.ref, ref_of("mum")) << "mum may be affected herself, which is another notice";
}

TEST_F(Rounds, an_incident_with_numbers_only_has_a_round_for_the_announcement) {
  Effects effects;
  effects.alerts = {alert_of("rule-1", "eve")};
  effects.affected = {affected_of("rule-1", "eve", {}, 0, "event-a")};
  effects.affected[0].subject_count = 12;
  absorb(effects);
  const std::string id = effects.alerts[0].alert_id();
  ASSERT_TRUE(book_->confirm(id, kAlice, kNight + std::chrono::hours(1), "seen"));
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  EXPECT_EQ(notices(id, kAnnouncement).size(), 1U);
  run_courier([](const auto&) { return Delivery(Delivered{"page"}); });
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Rounds, a_stopped_round_sends_nothing_more_and_says_what_was_sent) {
  const std::string id = approved_about({"c1", "c2", "c3"});
  const auto due = claim("first", 100);
  ASSERT_EQ(due.size(), 4U);   // Three people and operations.
  int sent = 0;
  for (const auto& one : due)
    if (one.notice.purpose() == kIndividual && sent++ == 0) {
      ASSERT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
      ASSERT_TRUE(*book_->settle(one, Accepted{"ok"}));
    }
  const auto stopped = book_->stop(id, 1, kCarol, "the list is wrong");
  ASSERT_TRUE(stopped) << stopped.error().text;
  EXPECT_EQ(stopped->stopped(), 2);
  EXPECT_EQ(stopped->already_sent(), 1);
  for (const auto& one : due)
    if (one.notice.purpose() == kIndividual) { EXPECT_FALSE(*book_->point_of_no_return(one.notice.notice_id(), one.lease)) << "a claimed one must not leave any more"; }
  clock_.advance(std::chrono::hours(1));
  for (const auto& one : claim("second")) EXPECT_EQ(one.notice.purpose(), kOperations);
  EXPECT_EQ(round_state(id), v1::ROUND_STOPPED);
  EXPECT_FALSE(book_->stop(id, 1, kCarol, "again"));
}

TEST_F(Rounds, people_of_a_stopped_round_can_be_proposed_again_but_not_those_who_were_told) {
  const std::string id = approved_about({"c1", "c2"});
  for (const auto& one : claim())
    if (one.notice.channel() == "mail") {
      ASSERT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
      ASSERT_TRUE(*book_->settle(one, Accepted{"ok"}));
    }
  ASSERT_TRUE(book_->stop(id, 1, kCarol, "the words are wrong"));
  const auto again = book_->propose(id, kAlice);
  ASSERT_TRUE(again) << again.error().text;
  const auto people = *store_->read()->recipients(id, 2);
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].ref, ref_of("c1"));
  ASSERT_TRUE(book_->approve(id, 2, kBob, binding(id, 2)));
  run_courier([](const auto&) { return Delivery(Accepted{"ok"}); });
  EXPECT_EQ(round_state(id, 2), v1::ROUND_FINISHED);
}

}  // namespace
}  // namespace tocsin::casebook
