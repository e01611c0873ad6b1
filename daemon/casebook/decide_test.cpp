// decide_test.cpp: acts of people: what each demands, writes and refuses.
#include <sys/stat.h>

#include <fstream>

#include "daemon/casebook/act.h"
#include "daemon/casebook/test_casebook.h"
#include "daemon/law/jurisdiction.h"

namespace tocsin::casebook {
namespace {

using testing::HasSubstr;

class Decide : public CasebookTest {};

TEST_F(Decide, confirming_needs_a_time_and_evidence_and_sets_the_clock_event_aware) {
  const std::string id = incident_about({"c1"});
  EXPECT_THAT(book_->confirm(id, kAlice, std::nullopt, "seen").error().text, HasSubstr("--aware-at"));
  EXPECT_THAT(book_->confirm(id, kAlice, kNight, "  ").error().text, HasSubstr("evidence"));
  EXPECT_THAT(book_->confirm(id, kAlice, clock_.now() + std::chrono::hours(1), "seen").error().text, HasSubstr("future"));
  EXPECT_THAT(book_->confirm(id, kAlice, kNight - std::chrono::hours(1), "seen").error().text, HasSubstr("before the incident's first event"));
  EXPECT_EQ(book_->incident(id)->state(), v1::SUSPECTED) << "a refused act changes nothing";
  EXPECT_EQ(book_->incident(id)->clock_events_size(), 1);
  const auto incident = book_->confirm(id, kAlice, kNight + std::chrono::hours(2), "seen");
  ASSERT_TRUE(incident) << incident.error().text;
  EXPECT_EQ(incident->state(), v1::CONFIRMED);
  EXPECT_EQ(incident->decided_by(), "unix:alice");
  ASSERT_EQ(incident->clock_events_size(), 2);
  const v1::ClockEvent& aware = incident->clock_events(0).kind() == "aware" ? incident->clock_events(0) : incident->clock_events(1);
  EXPECT_EQ(store::instant_from(aware.at()), kNight + std::chrono::hours(2));
  EXPECT_EQ(aware.by(), "unix:alice");
  EXPECT_EQ(aware.evidence(), "seen");
  EXPECT_EQ(aware.evidence_hash(), sha256_hex("seen"));
}

TEST_F(Decide, an_unknown_incident_is_bad_input) {
  const auto found = book_->confirm("nothing", kAlice, kNight, "seen");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::bad_input);
}

TEST_F(Decide, a_second_confirmation_is_refused_and_names_the_ways) {
  const std::string id = confirmed_about({"c1"});
  EXPECT_THAT(book_->confirm(id, kBob, kNight, "seen").error().text, HasSubstr("can become: contained, notifying, reported, dismissed"));
}

TEST_F(Decide, the_duties_of_the_configured_laws_run_from_the_recorded_clock_event_alone) {
  jurisdictions_ = *law::load_jurisdictions(std::string(TOCSIN_SOURCE_DIR) + "/rules/jurisdictions", {"eu-gdpr"});
  rebuild();
  const std::string id = incident_about({"c1"});
  const auto due_at = [&](const v1::Incident& incident) {
    std::vector<std::string> due;
    for (const auto& obligation : incident.obligations())
      if (obligation.has_due_at()) due.push_back(rfc3339(store::instant_from(obligation.due_at())));
    return due;
  };
  ASSERT_FALSE(book_->incident(id)->obligations().empty());
  EXPECT_THAT(due_at(*book_->incident(id)), testing::IsEmpty()) << "`detected` must not take the place of `aware`";
  const auto confirmed = book_->confirm(id, kAlice, kNight + std::chrono::hours(2), "seen");
  EXPECT_THAT(due_at(*confirmed), testing::Contains("2026-11-26T04:00:00Z")) << "72 hours";
}

TEST_F(Decide, dismissing_stops_what_waits_for_approval) {
  const std::string id = confirmed_about({"c1"});
  const auto dismissed = book_->dismiss(id, kBob, "a drill");
  ASSERT_TRUE(dismissed) << dismissed.error().text;
  EXPECT_EQ(dismissed->state(), v1::DISMISSED);
  EXPECT_EQ(dismissed->decision_reason(), "a drill");
  EXPECT_EQ(round_state(id), v1::ROUND_STOPPED);
  EXPECT_FALSE(book_->approve(id, 1, kCarol, binding(id)));
}

TEST_F(Decide, what_people_were_told_cannot_be_dismissed) {
  const std::string id = approved_about({"c1"});
  EXPECT_FALSE(book_->dismiss(id, kAlice, "never mind"));
}

TEST_F(Decide, containment_while_people_are_told_is_recorded_without_a_step_back) {
  const std::string id = approved_about({"c1"});
  const auto contained = book_->contain(id, kAlice, "account locked");
  ASSERT_TRUE(contained) << contained.error().text;
  EXPECT_EQ(contained->state(), v1::NOTIFYING);
  EXPECT_THAT(book_->contain(id, kAlice, "again").error().text, HasSubstr("was contained at"));
}

TEST_F(Decide, closing_is_refused_while_somebody_is_left) {
  const std::string id = approved_about({"c1", "c9"});
  EXPECT_THAT(book_->close(id, kAlice, "done").error().text, HasSubstr("round 1 is not finished: of 2 people 0 are told"));
  run_courier([](const auto&) { return Delivery(Accepted{"ok"}); });
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  Effects more;
  more.affected = {affected_of("rule-1", "eve", {"c2"}, 2)};
  absorb(more);
  EXPECT_THAT(book_->close(id, kAlice, "done").error().text, HasSubstr("1 affected people are in no round"));
  ASSERT_TRUE(book_->propose(id, kAlice));
  ASSERT_TRUE(book_->stop(id, 2, kAlice, "told in person"));
  ASSERT_TRUE(book_->reported(id, kAlice, "CAC", "2026-1"));
  const auto closed = book_->close(id, kAlice, "done");
  ASSERT_TRUE(closed) << closed.error().text;
  EXPECT_EQ(closed->state(), v1::CLOSED);
  std::set<std::string> kinds;
  for (const auto& event : closed->clock_events()) kinds.insert(event.kind());
  EXPECT_THAT(kinds, testing::ElementsAre("aware", "detected", "handling_closed", "individual_notice_sent", "regulator_initial_sent"));
}

TEST_F(Decide, every_act_is_a_chained_row_without_the_words_of_people) {
  const std::string id = confirmed_about({"c1"});
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  ASSERT_TRUE(book_->stop(id, 1, kCarol, "CANARY-reason"));
  ASSERT_TRUE(book_->contain(id, kAlice, "CANARY-measure"));
  std::vector<std::string> acts;
  const auto rows = *store_->read()->audit();
  for (const auto& row : rows) {
    acts.push_back(row.principal + " " + row.act);
    EXPECT_EQ(row.detail.find("CANARY"), std::string::npos);
  }
  EXPECT_THAT(acts, testing::ElementsAre("system incident.opened", "unix:alice incident.confirmed", "unix:alice round.proposed", "unix:bob round.approved",
                                         "token:carol round.stopped", "unix:alice incident.contained"));
  EXPECT_TRUE(book_->verify_audit()->intact);
}

TEST_F(Decide, an_act_without_a_principal_is_refused_and_changes_nothing) {
  const std::string id = incident_about({"c1"});
  EXPECT_FALSE(book_->confirm(id, {""}, kNight + std::chrono::hours(1), "seen"));
  EXPECT_EQ(book_->incident(id)->state(), v1::SUSPECTED);
}

TEST_F(Decide, a_reason_longer_than_kDecisionBytesMax_is_bad_input) {
  const std::string id = incident_about({"c1"});
  EXPECT_FALSE(book_->dismiss(id, kAlice, std::string(limits::kDecisionBytesMax + 1, 'x')));
  EXPECT_TRUE(book_->dismiss(id, kAlice, std::string(limits::kDecisionBytesMax, 'x')));
}

/// The same on a file, where bytes can be looked at and processes can end.
class OnDisk : public CasebookTest {
 protected:
  OnDisk() : OnDisk(TemporaryFolder::make()) {}
  explicit OnDisk(Result<TemporaryFolder> folder) : CasebookTest(folder->path() + "/s.db"), folder_(std::move(*folder)) { checkpoints_ = folder_.path() + "/audit.checkpoint"; }
  bool any_file_holds(const std::string& canary) const {
    for (const char* name : {"/s.db", "/s.db-wal", "/audit.checkpoint"}) {
      auto bytes = read_file(folder_.path() + name);
      if (bytes && bytes->find(canary) != std::string::npos) return true;
    }
    return false;
  }
  TemporaryFolder folder_;
};

TEST_F(OnDisk, no_contact_word_actor_or_evidence_stands_in_the_files_in_clear) {
  const std::string id = incident_about({"c1", "c2", "kid"}, "CANARY-actor");
  ASSERT_TRUE(book_->confirm(id, kAlice, kNight + std::chrono::hours(6), "CANARY-evidence"));
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  const auto due = claim();
  ASSERT_FALSE(due.empty());
  std::set<std::string> addresses;
  for (const auto& one : due) addresses.insert(one.to.reveal());
  EXPECT_TRUE(addresses.count("CANARY-token")) << "the courier does get the address";
  EXPECT_FALSE(any_file_holds("CANARY"));
  EXPECT_FALSE(any_file_holds("8613800138000"));
  EXPECT_FALSE(any_file_holds("Acme")) << "the rendered words";
  EXPECT_FALSE(any_file_holds("Mass reads"));
}

TEST_F(OnDisk, erasing_destroys_the_key_for_good_and_leaves_the_audit) {
  const std::string id = incident_about({"c1"});
  EXPECT_THAT(book_->erase(id, kAlice, "retention").error().text, HasSubstr("only what is closed or dismissed"));
  ASSERT_TRUE(book_->dismiss(id, kAlice, "a drill"));
  const auto erased = book_->erase(id, kBob, "retention");
  ASSERT_TRUE(erased) << erased.error().text;
  EXPECT_EQ(erased->title(), "erased");
  EXPECT_EQ(erased->state(), v1::DISMISSED);
  EXPECT_EQ(erased->group_size(), 0);
  EXPECT_FALSE(store_->read()->alert(id));
  EXPECT_EQ(store_->read()->alerts()->size(), 1U) << "that it existed stays visible";
  // A late update must neither fail stage 2 nor bring the data back.
  Effects late;
  late.updates = {alert_of("rule-1", "eve")};
  late.affected = {affected_of("rule-1", "eve", {"c2"}, 1)};
  absorb(late);
  EXPECT_FALSE(store_->read()->alert(id));
  EXPECT_TRUE(book_->verify_audit()->intact);
}

TEST_F(OnDisk, a_truncated_audit_table_is_found_by_the_checkpoint_file) {
  const std::string id = confirmed_about({"c1"});
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  ASSERT_TRUE(book_->verify_audit()->intact);
  store_.reset();
  {
    auto attacker = *store::Connection::open(path_, false);
    ASSERT_TRUE(attacker->script("DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE act='round.approved';"
                                 "UPDATE audit_head SET rows=(SELECT max(seq) FROM audit), hash=(SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)"));
  }
  reopen();
  const auto verdict = book_->verify_audit();
  EXPECT_FALSE(verdict->intact);
  EXPECT_THAT(verdict->problem, HasSubstr("a checkpoint outside the store has seen them"));
}

TEST_F(OnDisk, an_edited_checkpoint_line_and_a_missing_file_are_found) {
  confirmed_about({"c1"});
  const std::string text = *read_file(checkpoints_);
  std::string edited = text;
  edited[edited.find("\"rows\":") + 7] = '1';
  ASSERT_TRUE(write_file(checkpoints_, edited));
  EXPECT_THAT(book_->verify_audit()->problem, HasSubstr(":1: this line was not written by this installation"));
  ASSERT_TRUE(write_file(checkpoints_, ""));
  EXPECT_THAT(book_->verify_audit()->problem, HasSubstr("missing or empty although people have acted"));
}

TEST_F(OnDisk, a_torn_last_line_does_not_swallow_the_next_one) {
  const std::string id = confirmed_about({"c1"});
  { std::ofstream out(checkpoints_, std::ios::app); out << "{\"rows\":3,\"ha"; }
  ASSERT_TRUE(book_->approve(id, 1, kBob, binding(id)));
  const auto verdict = book_->verify_audit();
  EXPECT_TRUE(verdict->intact) << verdict->problem;
  struct stat st {};
  ASSERT_EQ(stat(checkpoints_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600U);
}

TEST_F(OnDisk, an_act_whose_checkpoint_cannot_be_written_says_that_it_is_done_all_the_same) {
  const std::string id = incident_about({"c1"});
  checkpoints_ = folder_.path() + "/no/such/folder/audit.checkpoint";
  rebuild();
  const auto dismissed = book_->dismiss(id, kAlice, "a drill");
  ASSERT_FALSE(dismissed);
  EXPECT_THAT(dismissed.error().text, HasSubstr("is done and recorded"));
  EXPECT_EQ(book_->incident(id)->state(), v1::DISMISSED);
}

TEST_F(OnDisk, everything_is_there_after_the_process_starts_again) {
  const std::string id = approved_about({"c1", "kid"});
  const v1::Incident before = *book_->incident(id);
  const auto queued = notices(id);
  reopen();
  EXPECT_EQ(book_->incident(id)->SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(notices(id).size(), queued.size());
}

}  // namespace
}  // namespace tocsin::casebook
