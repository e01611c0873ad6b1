// stopped_round_test.cpp: who is told again after a stop, what a drill may not do, and clocks and playbooks that change meanwhile.
#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

using StoppedRound = CasebookTest;

TEST_F(StoppedRound, a_notice_in_doubt_stays_so_and_its_person_is_not_told_under_another_key) {
  const std::string id = approved_about({"c1"});
  for (const auto& due : claim()) {
    ASSERT_TRUE(*book_->point_of_no_return(due.notice.notice_id(), due.lease));
    const bool person = due.notice.purpose() == kIndividual;
    ASSERT_TRUE(*book_->settle(due, person ? Delivery(InDoubt{"cut"}) : Delivery(Accepted{"r"})));
  }
  ASSERT_EQ(notices(id).size(), 1U);
  ASSERT_EQ(notices(id)[0].state(), v1::IN_DOUBT);
  const auto stopped = book_->stop(id, 1, kAlice, "the words were wrong");
  ASSERT_TRUE(stopped) << stopped.error().text;
  EXPECT_EQ(stopped->stopped(), 0);
  EXPECT_GE(stopped->already_sent(), 1);
  EXPECT_EQ(notices(id)[0].state(), v1::IN_DOUBT);
  EXPECT_FALSE(*book_->resend(notices(id)[0].notice_id(), true)) << "a stopped round sends nothing again";
  EXPECT_FALSE(book_->propose(id, kAlice)) << "the only person may have been told";
}

TEST_F(StoppedRound, a_guardian_who_was_not_told_is_proposed_again_and_the_child_is_not) {
  load_contacts("id,id_type,locale,email,phone,push_token,guardian_id\r\n"
                "kid,customer,zh-CN,kid@mail.example,,,mum\r\n"
                "mum,customer,zh-CN,mum@mail.example,,,\r\n");
  const std::string id = approved_about({"kid"});
  for (const auto& due : claim()) {
    if (due.notice.purpose() == kIndividual && due.notice.recipient_ref() != ref_of("kid").hex()) continue;   // Mum's stays claimed.
    ASSERT_TRUE(*book_->point_of_no_return(due.notice.notice_id(), due.lease));
    ASSERT_TRUE(*book_->settle(due, Accepted{"r"}));
  }
  ASSERT_TRUE(book_->stop(id, 1, kAlice, "the words were wrong"));
  const auto again = book_->propose(id, kAlice);
  ASSERT_TRUE(again) << again.error().text;
  const auto people = *store_->read()->recipients(id, 2);
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].kind, "guardian");
}

TEST_F(StoppedRound, a_drill_publishes_no_page) {
  config_.mutable_delivery()->set_mode(v1::REDIRECT);
  (*config_.mutable_delivery()->mutable_redirect_to())["page"] = "x";
  (*config_.mutable_delivery()->mutable_redirect_to())["mail"] = "drill@acme.example";
  rebuild();
  approved_about({"c9"});   // In nobody's contacts, so that an announcement is due.
  for (const auto& due : claim()) EXPECT_NE(due.notice.purpose(), kAnnouncement);
}

TEST_F(StoppedRound, a_playbook_that_now_demands_more_is_heard) {
  const std::string id = confirmed_about({"c1"});
  playbook_.mutable_approval()->set_needed(2);
  rebuild();
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  EXPECT_EQ(round_state(id), v1::ROUND_AWAITING_APPROVAL);
  ASSERT_TRUE(book_->approve(id, 1, kCarol, binding(id)));
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
}

TEST_F(StoppedRound, an_incident_whose_events_lie_in_the_future_can_be_confirmed) {
  Effects effects;
  effects.alerts.push_back(alert_of("rule-1", "eve", 24 * 365));
  absorb(effects);
  const auto incident = book_->confirm(effects.alerts[0].alert_id(), kAlice, clock_.now(), "the producer's clock runs ahead");
  EXPECT_TRUE(incident) << incident.error().text;
}

}  // namespace
}  // namespace tocsin::casebook
