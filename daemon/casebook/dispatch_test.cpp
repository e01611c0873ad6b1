// dispatch_test.cpp: from an approved round to the last person: chain, announcement, doubt, leases, the brake.
#include <thread>

#include "daemon/base/limits.h"
#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

using testing::HasSubstr;

class Dispatch : public CasebookTest {
 protected:
  static Delivery accept(const store::DueNotice&) { return Accepted{"ok"}; }
  v1::Notice only(const std::string& id) {
    const auto all = notices(id);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? v1::Notice() : all[0];
  }
};

TEST_F(Dispatch, an_approval_creates_each_notice_once_with_the_first_channel_of_the_chain) {
  const std::string id = approved_about({"c1", "c2", "c3"});
  std::set<std::string> seen;
  for (const auto& notice : notices(id)) {
    EXPECT_EQ(notice.notice_id(), identity({id, "individual_notice", "1", notice.recipient_ref(), notice.channel()}).hex());
    seen.insert(notice.recipient_ref() + " " + notice.channel() + " " + notice.locale());
  }
  EXPECT_EQ(seen, (std::set<std::string>{ref_of("c1").hex() + " app en", ref_of("c2").hex() + " mail zh-CN", ref_of("c3").hex() + " text zh-CN"}));
  EXPECT_FALSE(book_->approve(id, 1, kCarol, binding(id))) << "it does not wait any more";
  EXPECT_EQ(notices(id).size(), 3U);
}

TEST_F(Dispatch, hold_sends_nothing_to_anyone) {
  config_.mutable_delivery()->set_mode(v1::HOLD);
  rebuild();
  const std::string id = approved_about({"c1", "c2"});
  EXPECT_EQ(notices(id).size(), 2U);
  EXPECT_TRUE(claim().empty());
  EXPECT_FALSE(*book_->point_of_no_return(notices(id)[0].notice_id(), "lease"));
}

TEST_F(Dispatch, redirect_replaces_every_address_and_holds_channels_without_one) {
  config_.mutable_delivery()->set_mode(v1::REDIRECT);
  (*config_.mutable_delivery()->mutable_redirect_to())["mail"] = "test@acme.example";
  rebuild();
  const std::string id = approved_about({"c1", "c2", "c3", "c9"});
  const auto due = claim();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].notice.channel(), "mail");
  EXPECT_EQ(due[0].to.reveal(), "test@acme.example");
}

TEST_F(Dispatch, what_is_sent_is_what_was_approved_even_after_an_edit_of_the_configuration) {
  const std::string id = approved_about({"c2"});
  config_.mutable_organisation()->set_name_zh("别的公司");
  rebuild();
  for (const auto& one : claim()) {
    if (one.notice.purpose() != kIndividual) continue;
    EXPECT_EQ(one.to.reveal(), "CANARY-two@mail.example");
    EXPECT_THAT(one.text, HasSubstr("阿克米公司"));
    EXPECT_FALSE(one.html.empty());
  }
}

TEST_F(Dispatch, a_refusal_moves_the_person_down_the_chain_and_at_its_end_to_the_announcement) {
  const std::string id = approved_about({"c1"});
  std::vector<std::string> order;
  run_courier([&](const store::DueNotice& due) -> Delivery {
    if (due.notice.purpose() == kOperations) return Accepted{"ok"};
    order.push_back(due.notice.channel() + " " + due.to.reveal());
    if (due.notice.purpose() == kAnnouncement) return Delivered{"page"};
    return Refused{"unknown address"};
  });
  EXPECT_THAT(order, testing::ElementsAre("app CANARY-token", "text +8613800138000", "mail CANARY-one@mail.example", "page "));
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  const auto count = *store_->read()->recount(id, 1);
  EXPECT_EQ(count.told, 0);
  EXPECT_EQ(count.unreachable, 1);
  EXPECT_TRUE(count.announced);
  EXPECT_EQ(notices(id, kOperations).size(), 2U) << "opened, and the first refusal of the round: one message, not three";
}

TEST_F(Dispatch, somebody_without_contact_is_announced_to_from_the_start) {
  const std::string id = approved_about({"c2", "c9"});
  EXPECT_EQ(notices(id).size(), 1U);
  ASSERT_EQ(notices(id, kAnnouncement).size(), 1U);
  EXPECT_EQ(notices(id, kAnnouncement)[0].notice_id(), notice_id(id, kAnnouncement, 1, "", "page"));
  run_courier(accept);
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Dispatch, a_round_is_not_finished_before_the_announcement_is_out) {
  const std::string id = approved_about({"c9"});
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
  run_courier([](const store::DueNotice& due) { return due.notice.purpose() == kAnnouncement ? Delivery(Refused{"disk full"}) : Delivery(Accepted{"ok"}); });
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED) << "nobody was told";
}

TEST_F(Dispatch, without_announcement_the_unreachable_stay_visible_and_the_round_open) {
  playbook_.mutable_announcement()->set_when("never");
  rebuild();
  const std::string id = approved_about({"c2", "c9"});
  run_courier(accept);
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
  EXPECT_EQ(store_->read()->recount(id, 1)->unreachable, 1);
  EXPECT_TRUE(notices(id, kAnnouncement).empty());
}

TEST_F(Dispatch, a_share_is_judged_when_everything_has_come_back) {
  playbook_.mutable_announcement()->set_unreachable_percent(50);
  rebuild();
  const std::string id = approved_about({"c1", "c2", "c3"});
  run_courier([](const store::DueNotice& due) { return due.notice.channel() == "mail" ? Delivery(Refused{"no"}) : Delivery(Accepted{"ok"}); });
  EXPECT_TRUE(notices(id, kAnnouncement).empty()) << "one of three is below the share";
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
  Effects more;
  more.affected = {affected_of("rule-1", "eve", {"c9", "c8"}, 1)};
  absorb(more);
  ASSERT_TRUE(book_->propose(id, kAlice));
  ASSERT_TRUE(book_->approve(id, 2, kBob, binding(id, 2)));
  run_courier(accept);
  EXPECT_EQ(round_state(id, 2), v1::ROUND_FINISHED) << "two of two were announced to";
}

TEST_F(Dispatch, always_means_with_every_round) {
  playbook_.mutable_announcement()->set_when("always");
  rebuild();
  const std::string id = approved_about({"c2"});
  EXPECT_EQ(notices(id, kAnnouncement).size(), 1U);
  for (const auto& one : claim())
    if (one.notice.purpose() == kIndividual) { EXPECT_THAT(one.text, HasSubstr("https://acme.example/notices/" + notice_id(id, kAnnouncement, 1, "", "page") + ".html")); }
}

TEST_F(Dispatch, a_child_without_an_address_is_told_through_its_guardian) {
  const std::string id = approved_about({"kid"});
  const v1::Notice notice = only(id);
  EXPECT_EQ(notice.channel(), "mail");
  EXPECT_TRUE(notices(id, kAnnouncement).empty());
  const auto due = claim();
  for (const auto& one : due)
    if (one.notice.purpose() == kIndividual) { EXPECT_EQ(one.to.reveal(), "CANARY-mum@mail.example"); }
  for (const auto& one : due) ASSERT_TRUE(*book_->settle(one, Accepted{"ok"}));
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  EXPECT_EQ(store_->read()->recount(id, 1)->told, 2);
}

TEST_F(Dispatch, when_the_guardian_refuses_child_and_guardian_are_announced_to) {
  const std::string id = approved_about({"kid"});
  run_courier([](const store::DueNotice& due) { return due.notice.channel() == "mail" ? Delivery(Refused{"no"}) : Delivery(Delivered{"ok"}); });
  EXPECT_EQ(notices(id, kAnnouncement).size(), 1U);
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  EXPECT_EQ(store_->read()->recount(id, 1)->unreachable, 2);
}

TEST_F(Dispatch, try_later_waits_and_after_kDeliveryAttemptsMax_counts_as_a_refusal) {
  const std::string id = approved_about({"c2"});
  for (int attempt = 1; attempt <= tocsin::limits::kDeliveryAttemptsMax; ++attempt) {
    for (const auto& one : claim()) ASSERT_TRUE(*book_->settle(one, one.notice.purpose() == kIndividual ? Delivery(TryLater{std::chrono::seconds(60), "busy"}) : Delivery(Accepted{""})));
    const v1::Notice notice = only(id);
    EXPECT_EQ(notice.attempts(), static_cast<std::uint32_t>(attempt));
    EXPECT_EQ(notice.state(), attempt < tocsin::limits::kDeliveryAttemptsMax ? v1::RETRY : v1::REFUSED);
    for (const auto& one : claim()) EXPECT_NE(one.notice.purpose(), kIndividual) << "not before its time";
    clock_.advance(std::chrono::seconds(61));
  }
  EXPECT_THAT(only(id).detail(), HasSubstr("given up after 12 attempts: busy"));
  EXPECT_EQ(notices(id, kAnnouncement).size(), 1U);
}

TEST_F(Dispatch, a_channel_that_joined_the_chain_after_the_approval_is_not_used_for_it) {
  const std::string id = approved_about({"c1"});
  auto* extra = config_.add_channels();
  extra->set_name("mail-2");
  extra->set_type("email");
  rebuild();
  std::vector<std::string> used;
  run_courier([&](const store::DueNotice& due) -> Delivery {
    used.push_back(due.notice.channel());
    return due.notice.purpose() == kIndividual ? Delivery(Refused{"no"}) : Delivery(Delivered{"ok"});
  });
  EXPECT_EQ(std::count(used.begin(), used.end(), "mail-2"), 0);
  EXPECT_EQ(std::count(used.begin(), used.end(), "page"), 1);
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Dispatch, an_erased_incident_holds_up_no_claim) {
  config_.mutable_delivery()->set_mode(v1::HOLD);
  rebuild();
  const std::string id = incident_about({"c1"});   // Operations wait to be told.
  ASSERT_TRUE(book_->dismiss(id, kAlice, "a drill"));
  ASSERT_TRUE(book_->erase(id, kAlice, "retention"));
  config_.mutable_delivery()->set_mode(v1::LIVE);
  rebuild();
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(notices(id, kOperations)[0].state(), v1::STOPPED);
  incident_about({"c2"}, "mallory");
  EXPECT_EQ(claim().size(), 1U);
}

TEST_F(Dispatch, an_address_that_went_from_the_contacts_is_not_used) {
  const std::string id = approved_about({"c1"});
  load_contacts("id,id_type,email\nc1,customer,CANARY-new@mail.example\n");
  std::vector<std::string> used;
  run_courier([&](const store::DueNotice& due) -> Delivery {
    if (due.notice.purpose() == kIndividual) used.push_back(due.to.reveal());
    return Accepted{"ok"};
  });
  EXPECT_THAT(used, testing::ElementsAre("CANARY-new@mail.example"));
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Dispatch, a_lost_lease_can_neither_pass_the_point_of_no_return_nor_settle) {
  const std::string id = approved_about({"c2"});
  const auto first = claim("first");
  clock_.advance(std::chrono::minutes(2));
  for (const auto& one : first) EXPECT_FALSE(*book_->point_of_no_return(one.notice.notice_id(), one.lease)) << "the lease is over";
  EXPECT_EQ(*book_->expire_leases(), 0);
  const auto second = claim("second");
  ASSERT_EQ(second.size(), first.size());
  for (const auto& one : first) {
    EXPECT_FALSE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
    EXPECT_FALSE(*book_->settle(one, Refused{"zombie"}));
  }
  for (const auto& one : second) EXPECT_TRUE(*book_->settle(one, Accepted{"ok"}));
  EXPECT_EQ(only(id).state(), v1::ACCEPTED);
}

TEST_F(Dispatch, a_lease_of_kClaimLease_holds_to_its_last_moment_and_not_longer) {
  approved_about({"c2", "c3"});
  const auto due = claim();
  ASSERT_GE(due.size(), 2U);
  clock_.advance(Microseconds(tocsin::limits::kClaimLease) - Microseconds(1));
  EXPECT_TRUE(*book_->point_of_no_return(due[0].notice.notice_id(), due[0].lease));
  clock_.advance(Microseconds(1));
  EXPECT_FALSE(*book_->point_of_no_return(due[1].notice.notice_id(), due[1].lease));
}

TEST_F(Dispatch, the_point_of_no_return_is_passed_once) {
  approved_about({"c2"});
  for (const auto& one : claim()) {
    EXPECT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
    EXPECT_FALSE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
  }
}

TEST_F(Dispatch, a_doubt_is_counted_and_a_second_sending_says_so) {
  const std::string id = approved_about({"c2"});
  for (const auto& one : claim()) {
    ASSERT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
    ASSERT_TRUE(*book_->settle(one, one.notice.purpose() == kIndividual ? Delivery(InDoubt{"connection lost after the final dot"}) : Delivery(Accepted{""})));
  }
  EXPECT_EQ(only(id).state(), v1::IN_DOUBT);
  EXPECT_EQ(store_->read()->in_doubt_counts()->at("mail"), 1);
  EXPECT_TRUE(claim().empty()) << "it waits for a decision";
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED);
  const std::string plain = (*store_->read()->text(id, text_id(id, kIndividual, 1, "mail", "zh-CN", "subject")))->text;
  ASSERT_TRUE(*book_->resend(only(id).notice_id(), true));
  EXPECT_FALSE(*book_->resend(only(id).notice_id(), true)) << "it is in doubt no more";
  const auto again = claim();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].notice.possible_duplicate());
  EXPECT_NE(again[0].text, plain);
  ASSERT_TRUE(*book_->settle(again[0], Accepted{"ok"}));
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Dispatch, a_doubt_can_be_resolved_by_a_look_up_and_a_refusal_goes_on_down_the_chain) {
  const std::string id = approved_about({"c3"});
  for (const auto& one : claim()) ASSERT_TRUE(*book_->settle(one, one.notice.purpose() == kIndividual ? Delivery(InDoubt{"no answer"}) : Delivery(Accepted{""})));
  EXPECT_FALSE(book_->resolve_doubt(only(id).notice_id(), TryLater{}, kAlice));
  ASSERT_TRUE(*book_->resolve_doubt(only(id).notice_id(), Refused{"never arrived, number is dead"}, kAlice));
  EXPECT_EQ(notices(id, kAnnouncement).size(), 1U);
  EXPECT_FALSE(*book_->resolve_doubt(only(id).notice_id(), Accepted{"x"}, kAlice));
}

TEST_F(Dispatch, two_couriers_never_claim_the_same_notice) {
  std::vector<std::string> people;
  std::string csv = "id,id_type,email\n";
  for (int i = 0; i < 40; ++i) people.push_back(fmt::format("p{}", i)), csv += fmt::format("p{0},customer,p{0}@mail.example\n", i);
  load_contacts(csv);
  const std::string id = approved_about(people);
  std::mutex mutex;
  std::multiset<std::string> claimed;
  const auto work = [&](const std::string& name) {
    for (auto due = *book_->claim(name, clock_.now() + std::chrono::minutes(1), 3); !due.empty(); due = *book_->claim(name, clock_.now() + std::chrono::minutes(1), 3))
      for (const auto& one : due) {
        { const std::lock_guard lock(mutex); claimed.insert(one.notice.notice_id()); }
        EXPECT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
        EXPECT_TRUE(*book_->settle(one, Accepted{"ok"}));
      }
  };
  std::thread one(work, "one"), two(work, "two");
  one.join(), two.join();
  EXPECT_EQ(claimed.size(), 41U);
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), 41U);
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(Dispatch, no_statement_of_the_way_reads_a_whole_table_where_an_index_knows_better) {
  const std::string id = approved_about({"c1", "c2", "c3", "kid", "c9"});
  run_courier([](const store::DueNotice& due) { return due.notice.channel() == "app" ? Delivery(Refused{"no"}) : Delivery(Accepted{"ok"}); });
  Effects more;
  more.updates = {alert_of("rule-1", "eve")};
  more.affected = {affected_of("rule-1", "eve", {"c8"}, 1)};
  absorb(more);
  ASSERT_TRUE(book_->expire_leases());
  ASSERT_TRUE(book_->propose(id, kAlice));
  ASSERT_TRUE(book_->stop(id, 2, kAlice, "a test"));
  ASSERT_TRUE(store_->read()->in_doubt());
  ASSERT_TRUE(store_->read()->next_due());
  ASSERT_TRUE(store_->read()->notice_counts());
  const auto plans = *store_->plans();   // In memory, readers and the writer are one connection.
  EXPECT_GT(plans.size(), 40U);
  for (const std::string& plan : plans) {
    if (plan.find("sqlite_schema") != std::string::npos) continue;
    const bool narrow = plan.find("incident_id=") != std::string::npos || plan.find("state=") != std::string::npos || plan.find("ref=") != std::string::npos;
    if (narrow) { EXPECT_EQ(plan.find("PRIMARY KEY (tenant=?)"), std::string::npos) << plan; }
    EXPECT_EQ(plan.find("\n  SCAN "), plan.find("\n  SCAN CONSTANT ROW")) << plan;
  }
}

/// A crash: the process is gone, the file stays.
class AfterCrash : public CasebookTest {
 protected:
  AfterCrash() : AfterCrash(TemporaryFolder::make()) {}
  explicit AfterCrash(Result<TemporaryFolder> folder) : CasebookTest(folder->path() + "/s.db"), folder_(std::move(*folder)) {}
  TemporaryFolder folder_;
};

TEST_F(AfterCrash, claimed_is_known_unsent_and_past_the_point_of_no_return_is_in_doubt) {
  const std::string id = approved_about({"c1", "c2"});
  const auto due = claim();
  std::string past;
  for (const auto& one : due) {
    if (one.notice.channel() != "mail") continue;
    past = one.notice.notice_id();
    ASSERT_TRUE(*book_->point_of_no_return(past, one.lease));
  }
  reopen();
  EXPECT_EQ(*book_->recover_after_crash(), 1);
  for (const auto& notice : notices(id)) EXPECT_EQ(notice.state(), notice.notice_id() == past ? v1::IN_DOUBT : v1::QUEUED);
  EXPECT_EQ(store_->read()->in_doubt_counts()->at("mail"), 1);
  ASSERT_EQ(store_->read()->in_doubt()->size(), 1U);
  for (const auto& one : due) EXPECT_FALSE(*book_->settle(one, Accepted{"late answer of the dead process"}));
  ASSERT_TRUE(*book_->resend(past, true));
  EXPECT_EQ(run_courier([](const auto&) { return Delivery(Accepted{"ok"}); }), 3);
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

}  // namespace
}  // namespace tocsin::casebook
