// absorb_test.cpp: alerts open or join incidents; the affected set is exact.
#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

class Absorb : public CasebookTest {};

TEST_F(Absorb, an_alert_opens_an_incident_named_after_it_and_sets_the_clock_event_detected) {
  const std::string id = incident_about({"c1", "c2"});
  const v1::Incident incident = *book_->incident(id);
  EXPECT_EQ(incident.state(), v1::SUSPECTED);
  EXPECT_EQ(incident.title(), "Mass reads");
  EXPECT_EQ(incident.group(0).value(), "eve");
  EXPECT_EQ(incident.affected_count(), 2);
  EXPECT_EQ(incident.record_count(), 2);
  EXPECT_EQ(incident.count_basis(), v1::COUNT_BASIS_EXACT);
  EXPECT_THAT(incident.categories(), testing::ElementsAre("personal"));
  ASSERT_EQ(incident.clock_events_size(), 1);
  EXPECT_EQ(incident.clock_events(0).kind(), "detected");
  EXPECT_EQ(store::instant_from(incident.clock_events(0).at()), clock_.now());
  EXPECT_EQ(incident.rounds_size(), 0);
}

TEST_F(Absorb, the_same_alert_twice_changes_nothing_and_is_counted) {
  const std::string id = incident_about({"c1"});
  Effects again;
  again.alerts.push_back(alert_of("rule-1", "eve"));
  again.affected.push_back(affected_of("rule-1", "eve", {"c1"}));
  const Absorbed absorbed = absorb(again);
  EXPECT_EQ(absorbed.known_alerts, 1);
  EXPECT_EQ(absorbed.new_alerts, 0);
  EXPECT_EQ(book_->incident(id)->affected_count(), 1);
  EXPECT_EQ(book_->incident(id)->record_count(), 1) << "an event's numbers are added once";
}

TEST_F(Absorb, another_rule_about_the_same_actor_joins_and_another_actor_does_not) {
  const std::string id = incident_about({"c1"});
  Effects effects;
  effects.alerts = {alert_of("rule-2", "eve", 3), alert_of("rule-1", "mallory", 3)};
  EXPECT_EQ(absorb(effects).new_incidents, 1);
  EXPECT_THAT(book_->incident(id)->rule_ids(), testing::ElementsAre("rule-1", "rule-2"));
  EXPECT_EQ(book_->incidents()->size(), 2U);
}

TEST_F(Absorb, a_quiet_day_ends_an_incident_and_a_minute_less_does_not) {
  const std::string id = incident_about({"c1"});   // Its last event is five minutes past the hour.
  Effects near;
  near.alerts = {alert_of("rule-1", "eve", 24)};
  EXPECT_EQ(absorb(near).new_incidents, 0);
  Effects far;
  far.alerts = {alert_of("rule-1", "eve", 24 + 25)};
  EXPECT_EQ(absorb(far).new_incidents, 1);
  EXPECT_EQ(book_->incident(id)->alert_ids_size(), 2);
}

TEST_F(Absorb, an_alert_from_before_joins_the_incident_that_it_belongs_to) {
  const std::string id = incident_about({"c1"});
  Effects before;
  before.alerts = {alert_of("rule-2", "eve", -3)};
  EXPECT_EQ(absorb(before).new_incidents, 0);
  EXPECT_EQ(store::instant_from(book_->incident(id)->first_event()), kNight - std::chrono::hours(3));
}

TEST_F(Absorb, the_set_grows_after_the_alert_until_the_incident_is_contained) {
  const std::string id = confirmed_about({"c1"});
  Effects more;
  more.affected = {affected_of("rule-1", "eve", {"c2"}, 5), affected_of("rule-1", "mallory", {"c3"}, 5), affected_of("rule-1", "eve", {"c3"}, -1)};
  absorb(more);
  EXPECT_EQ(book_->incident(id)->affected_count(), 2) << "not another actor's people, not those before the first event";
  ASSERT_TRUE(book_->contain(id, kAlice, "account locked"));
  Effects later;
  later.affected = {affected_of("rule-1", "eve", {"c9"}, 24)};
  absorb(later);
  EXPECT_EQ(book_->incident(id)->affected_count(), 2);
}

TEST_F(Absorb, people_touched_before_containment_join_though_they_are_read_of_after_it) {
  const std::string id = confirmed_about({"c1"});
  ASSERT_TRUE(book_->contain(id, kAlice, "account locked"));
  Effects delayed;
  delayed.affected = {affected_of("rule-1", "eve", {"c9"}, 1)};
  absorb(delayed);
  EXPECT_EQ(book_->incident(id)->affected_count(), 2);
}

TEST_F(Absorb, an_alert_after_containment_opens_a_new_incident_so_that_nobody_is_lost) {
  const std::string id = confirmed_about({"c1"});
  ASSERT_TRUE(book_->contain(id, kAlice, "account locked"));
  Effects later;
  later.alerts = {alert_of("rule-1", "eve", 2)};
  later.affected = {affected_of("rule-1", "eve", {"c9"}, 2)};
  EXPECT_EQ(absorb(later).new_incidents, 1);
  EXPECT_EQ(book_->incident(later.alerts[0].alert_id())->affected_count(), 1);
  EXPECT_EQ(book_->incident(id)->affected_count(), 1);
}

TEST_F(Absorb, a_number_without_names_adds_nobody_and_sets_the_basis) {
  const std::string id = incident_about({"c1"});
  Effects counted;
  counted.affected = {affected_of("rule-1", "eve", {}, 1, "event-a")};
  counted.affected[0].subject_count = 500;
  counted.affected[0].count_basis = v1::COUNT_BASIS_REPORTED;
  absorb(counted);
  absorb(counted);
  const v1::Incident incident = *book_->incident(id);
  EXPECT_EQ(incident.affected_count(), 1);
  EXPECT_EQ(incident.reported_count(), 500);
  EXPECT_EQ(incident.count_basis(), v1::COUNT_BASIS_REPORTED);
}

TEST_F(Absorb, an_update_gives_better_numbers_and_keeps_the_incident) {
  const std::string id = incident_about({"c1"});
  Effects effects;
  effects.updates = {alert_of("rule-1", "eve")};
  effects.updates[0].set_count(77);
  effects.updates[0].set_final(true);
  absorb(effects);
  const v1::Alert alert = **store_->read()->alert(id);
  EXPECT_EQ(alert.count(), 77);
  EXPECT_EQ(alert.incident_id(), id);
}

TEST_F(Absorb, an_update_of_an_unknown_alert_is_refused) {
  Effects effects;
  effects.updates = {alert_of("rule-1", "eve")};
  auto tx = *store_->begin();
  const auto absorbed = book_->absorb(tx, effects);
  ASSERT_FALSE(absorbed);
  EXPECT_EQ(absorbed.error().kind, ErrorKind::refused);
}

TEST_F(Absorb, an_alert_grouped_by_something_else_names_its_incident_by_its_own_group) {
  Effects effects;
  effects.alerts = {alert_of("rule-1", "eve")};
  effects.alerts[0].mutable_group(0)->set_field("src.ip");
  absorb(effects);
  EXPECT_EQ(book_->incident(effects.alerts[0].alert_id())->group(0).field(), "src.ip");
}

TEST_F(Absorb, the_highest_level_of_its_alerts_is_the_incidents) {
  const std::string id = incident_about({"c1"});
  Effects effects;
  effects.alerts = {alert_of("rule-2", "eve", 1), alert_of("rule-3", "eve", 2)};
  effects.alerts[0].set_level("critical");
  effects.alerts[1].set_level("low");
  absorb(effects);
  EXPECT_EQ(book_->incident(id)->level(), "critical");
}

TEST_F(Absorb, operations_are_told_once_that_an_incident_was_opened) {
  const std::string id = incident_about({"c1"});
  Effects effects;
  effects.alerts = {alert_of("rule-2", "eve", 1)};
  absorb(effects);
  const auto told = notices(id, kOperations);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].channel(), "ops");
  EXPECT_EQ(told[0].notice_id(), notice_id(id, kOperations, 0, "", "ops"));
}

TEST_F(Absorb, an_auto_confirm_entry_confirms_with_everyone_of_the_batch_but_approves_nothing) {
  auto* entry = playbook_.add_auto_confirm();
  entry->set_rule("rule-1");
  entry->set_reason("a honeytoken was read");
  rebuild();
  const std::string id = incident_about({"c1", "c2"});
  const v1::Incident incident = *book_->incident(id);
  EXPECT_EQ(incident.state(), v1::CONFIRMED);
  EXPECT_EQ(incident.decided_by(), "playbook");
  ASSERT_EQ(incident.rounds_size(), 1);
  EXPECT_EQ(incident.rounds(0).recipients(), 2);
  EXPECT_EQ(incident.rounds(0).state(), v1::ROUND_AWAITING_APPROVAL);
  EXPECT_FALSE(book_->approve(id, 1, {"playbook"}, binding(id)));
  EXPECT_FALSE(book_->approve(id, 1, {"system"}, binding(id)));
  EXPECT_TRUE(notices(id).empty());
}

}  // namespace
}  // namespace tocsin::casebook
