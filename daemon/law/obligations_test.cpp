// obligations_test.cpp: golden cases of China and the GDPR, and the three ways in which a clock must not run.
#include "daemon/law/obligations.h"

#include <gtest/gtest.h>

#include "daemon/law/counting.h"
#include "daemon/law/judge.h"
#include "daemon/law/jurisdiction.h"

namespace tocsin::law {
namespace {

const std::string kRules = std::string(TOCSIN_SOURCE_DIR) + "/rules/jurisdictions";

v1::Jurisdiction jurisdiction(const std::string& code) {
  auto loaded = load_jurisdiction(kRules, code);
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().text);
  return loaded ? *loaded : v1::Jurisdiction();
}

Instant at(std::string_view text) { return *parse_rfc3339(text); }

v1::Incident incident(std::int64_t people, std::string_view aware = "2026-11-24T10:00:00+08:00") {
  v1::Incident incident;
  incident.set_affected_count(people);
  incident.set_count_basis(v1::COUNT_BASIS_EXACT);
  if (!aware.empty()) {
    auto* event = incident.add_clock_events();
    event->set_kind("aware");
    event->mutable_at()->set_seconds(micros_of(at(aware)) / 1'000'000);
  }
  return incident;
}

v1::Obligation find(const std::vector<v1::Obligation>& all, std::string_view duty) {
  for (const auto& obligation : all)
    if (obligation.duty() == duty) return obligation;
  ADD_FAILURE() << "no obligation " << duty;
  return {};
}

std::string due(const v1::Obligation& obligation) { return obligation.has_due_at() ? rfc3339(instant_of(obligation.due_at().seconds() * 1'000'000)) : "none"; }

TEST(China, a_million_people_are_due_in_four_hours) {
  const auto all = obligations(jurisdiction("cn"), facts_of(incident(1'000'000)));
  const auto cac = find(all, "cn.cac2025.report");
  EXPECT_EQ(cac.status(), "due");
  EXPECT_EQ(due(cac), "2026-11-24T06:00:00Z");
  EXPECT_EQ(cac.clock_event(), "aware");
  EXPECT_EQ(cac.time_limit(), "within 4 hours, to the provincial-level cyberspace administration of the place");
  EXPECT_EQ(cac.time_limit_zh(), "4小时内，报属地省级网信部门");
  EXPECT_EQ(grade_of(jurisdiction("cn").grading(), facts_of(incident(1'000'000)))->id(), "L3");
}

TEST(China, one_person_fewer_has_no_hour_but_immediately) {
  const auto all = obligations(jurisdiction("cn"), facts_of(incident(999'999)));
  const auto cac = find(all, "cn.cac2025.report");
  EXPECT_EQ(cac.status(), "not_triggered");
  EXPECT_EQ(due(cac), "none");
  EXPECT_EQ(cac.reason(),
            "people affected: 999,999, the threshold is 1,000,000. To be answered by a person: Is a relatively large amount of personal information "
            "lost or stolen, with a relatively severe threat (general clause)?");
  EXPECT_NE(cac.reason_zh().find("受影响人数：999,999，门槛为1,000,000"), std::string::npos);
  const auto pipl = find(all, "cn.pipl57.regulator");
  EXPECT_EQ(pipl.status(), "no_fixed_limit");
  EXPECT_EQ(pipl.time_limit(), "immediately");
  EXPECT_EQ(pipl.time_limit_zh(), "立即");
  EXPECT_TRUE(pipl.has_clock_at()) << "elapsed time is shown from here";
  EXPECT_EQ(find(all, "cn.miit2017.internet").status(), "needs_legal_review") << "the number is reached, the kind of company is not known";
}

TEST(China, the_general_clause_is_a_persons_answer) {
  const auto all = obligations(jurisdiction("cn"), facts_of(incident(10), {{"general_clause_relatively_large_pi_loss_with_threat", "yes"}}));
  EXPECT_EQ(find(all, "cn.cac2025.report").status(), "due");
}

TEST(China, reported_people_count_beside_named_ones) {
  auto both = incident(999'999);
  both.set_reported_count(1);
  EXPECT_EQ(find(obligations(jurisdiction("cn"), facts_of(both)), "cn.cac2025.report").status(), "due");
}

TEST(China, operators_of_critical_infrastructure_have_one_hour_and_central_organs_two) {
  const auto cii = obligations(jurisdiction("cn"), facts_of(incident(1'000'000), {{"operator", "cii_operator"}}));
  EXPECT_EQ(due(find(cii, "cn.cac2025.report")), "2026-11-24T03:00:00Z");
  const auto organ = obligations(jurisdiction("cn"), facts_of(incident(1'000'000), {{"operator", "central_state_organ_or_affiliate"}}));
  EXPECT_EQ(due(find(organ, "cn.cac2025.report")), "2026-11-24T04:00:00Z");
}

TEST(China, a_kind_of_operator_that_the_law_does_not_list_needs_review) {
  auto odd = find(obligations(jurisdiction("cn"), facts_of(incident(1'000'000), {{"operator", "circus"}})), "cn.dsl29");
  EXPECT_EQ(odd.status(), "no_fixed_limit") << "limits without `who` are everybody's";
  for (const auto& obligation : obligations(jurisdiction("cn"), facts_of(incident(1'000'000), {{"operator", "circus"}})))
    if (obligation.duty() == "cn.cac2025.report") ADD_FAILURE() << "no first limit fits, and none may be invented";
}

TEST(China, a_criterion_from_memory_never_starts_a_clock) {
  const auto all = obligations(jurisdiction("cn"), facts_of(incident(5), {{"cii_main_function_outage_hours", "3"}}));
  const auto cac = find(all, "cn.cac2025.report");
  EXPECT_EQ(cac.status(), "needs_legal_review");
  EXPECT_FALSE(cac.has_due_at());
}

TEST(China, the_final_report_is_blocked_until_handling_is_closed) {
  auto open = incident(1'000'000);
  auto blocked = find(obligations(jurisdiction("cn"), facts_of(open)), "cn.cac2025.report:final");
  EXPECT_EQ(blocked.status(), "blocked");
  EXPECT_NE(blocked.reason().find("`handling_closed`"), std::string::npos) << blocked.reason();
  EXPECT_FALSE(blocked.has_clock_at());
  auto* closed = open.add_clock_events();
  closed->set_kind("handling_closed");
  closed->mutable_at()->set_seconds(micros_of(at("2026-12-01T09:00:00+08:00")) / 1'000'000);
  EXPECT_EQ(due(find(obligations(jurisdiction("cn"), facts_of(open)), "cn.cac2025.report:final")), "2026-12-31T15:59:59Z");
}

TEST(China, minors_bring_the_guardian_and_their_absence_is_a_question) {
  auto young = incident(3);
  EXPECT_EQ(find(obligations(jurisdiction("cn"), facts_of(young)), "cn.minors35").status(), "needs_legal_review");
  young.add_categories("minor");
  std::vector<std::string> told;
  for (const auto& obligation : obligations(jurisdiction("cn"), facts_of(young)))
    if (obligation.duty() == "cn.minors35" && obligation.status() == "no_fixed_limit") told.push_back(obligation.addressee());
  EXPECT_EQ(told, (std::vector<std::string>{"regulator", "individual", "guardian"}));
}

TEST(China, harm_avoided_frees_from_telling_people_but_never_the_authority) {
  const auto all = obligations(jurisdiction("cn"), facts_of(incident(3), {{"harm_avoided", "yes"}}));
  EXPECT_EQ(find(all, "cn.pipl57.individual").status(), "exempt");
  EXPECT_EQ(find(all, "cn.pipl57.regulator").status(), "no_fixed_limit");
}

TEST(Gdpr, seventy_two_hours_run_in_real_time) {
  const auto eu = jurisdiction("eu-gdpr");
  EXPECT_EQ(due(find(obligations(eu, facts_of(incident(1, "2026-11-24T10:00:00+01:00"))), "eu.gdpr33")), "2026-11-27T09:00:00Z");
  // The clock goes back on 25 October: 72 hours later it is 09:00 there.
  EXPECT_EQ(due(find(obligations(eu, facts_of(incident(1, "2026-10-24T10:00:00+02:00"))), "eu.gdpr33")), "2026-10-27T08:00:00Z");
}

TEST(Gdpr, a_missing_clock_event_blocks_and_detection_does_not_replace_it) {
  auto unaware = incident(1, "");
  auto* detected = unaware.add_clock_events();
  detected->set_kind("detected");
  detected->mutable_at()->set_seconds(1'800'000'000);
  const auto duty = find(obligations(jurisdiction("eu-gdpr"), facts_of(unaware)), "eu.gdpr33");
  EXPECT_EQ(duty.status(), "blocked");
  EXPECT_EQ(duty.reason(), "The clock event `aware` (the organisation became aware) is not recorded; no other event takes its place");
  EXPECT_EQ(duty.reason_zh(), "尚未记录时钟事件“发现或获知”（aware）；不以其他事件代替");
  EXPECT_FALSE(duty.has_due_at());
}

TEST(Gdpr, risk_decides_who_is_told) {
  const auto eu = jurisdiction("eu-gdpr");
  const auto with = [&](const Answers& answers) { return obligations(eu, facts_of(incident(1), answers)); };
  EXPECT_EQ(find(with({}), "eu.gdpr34").status(), "needs_legal_review");
  EXPECT_EQ(find(with({{"risk", "unlikely"}}), "eu.gdpr33").status(), "not_triggered");
  EXPECT_EQ(find(with({{"risk", "unlikely"}}), "eu.gdpr33_5.register").status(), "no_fixed_limit");
  EXPECT_EQ(find(with({{"risk", "high"}}), "eu.gdpr34").status(), "no_fixed_limit");
  EXPECT_EQ(find(with({{"risk", "high"}, {"data_unintelligible", "yes"}}), "eu.gdpr34").status(), "exempt");
  EXPECT_EQ(find(with({{"risk", "high"}, {"data_unintelligible", "yes"}}), "eu.gdpr33").status(), "due");
}

TEST(Facts, the_earliest_event_of_a_kind_starts_the_clock) {
  auto twice = incident(1, "2026-11-24T10:00:00+08:00");
  auto* earlier = twice.add_clock_events();
  earlier->set_kind("aware");
  earlier->mutable_at()->set_seconds(micros_of(at("2026-11-24T09:00:00+08:00")) / 1'000'000);
  EXPECT_EQ(facts_of(twice).at("aware"), at("2026-11-24T09:00:00+08:00"));
}

TEST(Judge, comparators_are_exact) {
  v1::LegalTest test;
  test.set_fact("persons_leaked");
  test.set_n(500);
  test.set_c("VP");
  const auto verdict = [&](std::string_view cmp, std::int64_t people) {
    test.set_cmp(std::string(cmp));
    return judge(test, {}, facts_of(incident(people))).verdict;
  };
  EXPECT_EQ(verdict("gt", 500), Verdict::no);
  EXPECT_EQ(verdict("gt", 501), Verdict::yes);
  EXPECT_EQ(verdict("gte", 499), Verdict::no);
  EXPECT_EQ(verdict("gte", 500), Verdict::yes);
  EXPECT_EQ(verdict("lt", 500), Verdict::no);
  EXPECT_EQ(verdict("lte", 500), Verdict::yes);
  test.set_c("FM");
  EXPECT_EQ(verdict("gte", 500), Verdict::open) << "a threshold from memory decides nothing";
}

TEST(Grouped, digits_stand_in_threes) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000'000), "1,000,000");
  EXPECT_EQ(grouped(-1'234), "-1,234");
}

}  // namespace
}  // namespace tocsin::law
