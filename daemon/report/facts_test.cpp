// facts_test.cpp: what a report says, against hand-checked golden files, and what it never says.
#include "daemon/report/facts.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "daemon/base/file.h"
#include "daemon/report/dates.h"
#include "daemon/report/guard.h"
#include "daemon/report/json.h"
#include "daemon/report/printed.h"
#include "daemon/report/test_case.h"

namespace tocsin::report {
namespace {

const v1::ReportItem& item(const v1::Report& report, std::string_view id) {
  for (const auto& section : report.sections())
    for (const auto& found : section.items())
      if (found.id() == id) return found;
  ADD_FAILURE() << "no item " << id;
  return v1::ReportItem::default_instance();
}

/// What the golden file holds: each leaf's printed text. Written anew by TOCSIN_UPDATE=1, to be read by a person before commit.
void check_golden(const std::string& jurisdiction, const std::string& language) {
  const auto report = test_report(jurisdiction, language);
  ASSERT_TRUE(report) << report.error().text;
  std::string now;
  for (const PrintedLeaf& leaf : printed_leaves(*report)) now += fmt::format("{}\t{}\n", leaf.path, leaf.text);
  const std::string path = fmt::format("{}/daemon/report/golden/{}.{}.txt", TOCSIN_SOURCE_DIR, jurisdiction, language);
  if (::getenv("TOCSIN_UPDATE") != nullptr) {
    ASSERT_TRUE(write_file(path, now));
  }
  const auto golden = read_file(path);
  ASSERT_TRUE(golden) << golden.error().text;
  EXPECT_EQ(now, *golden) << "look at the difference; TOCSIN_UPDATE=1 accepts it";
}

TEST(Golden, china_in_chinese) { check_golden("cn", "zh-CN"); }
TEST(Golden, china_in_english) { check_golden("cn", "en"); }
TEST(Golden, gdpr_in_chinese) { check_golden("eu-gdpr", "zh-CN"); }
TEST(Golden, gdpr_in_english) { check_golden("eu-gdpr", "en"); }

TEST(Facts, certainty_follows_the_record) {
  const auto report = *test_report("cn", "en");
  EXPECT_EQ(item(report, "subjects.count").certainty(), v1::KNOWN);
  EXPECT_EQ(item(report, "harm.likely").certainty(), v1::ESTIMATED);
  EXPECT_EQ(item(report, "incident.cause").certainty(), v1::UNKNOWN_YET);
  auto reported = test_incident();
  reported.set_reported_count(500);
  EXPECT_EQ(item(*test_report("cn", "en", reported), "subjects.count").value(), "3,214 by name, and about 500 more known only as a number");
  EXPECT_EQ(item(*test_report("cn", "en", reported), "subjects.count").certainty(), v1::ESTIMATED);
}

TEST(Facts, only_known_and_estimated_items_have_a_value) {
  const auto report = *test_report("eu-gdpr", "en");
  for (const auto& section : report.sections())
    for (const auto& each : section.items())
      EXPECT_EQ(each.value().empty(), each.certainty() == v1::UNKNOWN_YET || each.certainty() == v1::NOT_APPLICABLE) << each.id();
}

TEST(Facts, a_million_people_in_china_show_the_hour_and_the_grade) {
  auto large = test_incident();
  large.set_affected_count(1'000'000);
  const auto report = *test_report("cn", "zh-CN", large);
  EXPECT_EQ(item(report, "incident.grade").value(), "L3（较大），按受影响人数判定");
  std::string due;
  for (const auto& leaf : printed_leaves(report))
    if (leaf.path.ends_with("due_at")) due += leaf.text;
  EXPECT_EQ(due, "2026年11月24日 14:00（UTC+08:00）");
}

TEST(Facts, a_suspected_incident_does_not_claim) {
  auto suspected = test_incident();
  suspected.set_state(v1::SUSPECTED);
  suspected.clear_clock_events();
  const auto report = *test_report("eu-gdpr", "en", suspected);
  EXPECT_EQ(item(report, "incident.nature").certainty(), v1::ESTIMATED);
  EXPECT_EQ(item(report, "incident.aware_at").certainty(), v1::UNKNOWN_YET);
  EXPECT_EQ(report.obligations(0).status(), "blocked");
}

TEST(Facts, a_late_report_asks_for_reasons) {
  auto late = test_incident();
  late.clear_clock_events();
  add_clock(late, "aware", "2026-11-20T02:00:00Z");
  EXPECT_EQ(item(*test_report("eu-gdpr", "en", late), "delay.reasons").certainty(), v1::UNKNOWN_YET);
  EXPECT_EQ(item(*test_report("eu-gdpr", "en"), "delay.reasons").certainty(), v1::NOT_APPLICABLE);
}

TEST(Facts, the_report_id_is_the_identity_of_what_it_says) {
  EXPECT_EQ(test_report("cn", "en")->report_id(), test_report("cn", "en")->report_id());
  EXPECT_NE(test_report("cn", "en")->report_id(), test_report("cn", "zh-CN")->report_id());
  auto grown = test_incident();
  grown.set_affected_count(3215);
  EXPECT_NE(test_report("cn", "en")->report_id(), test_report("cn", "en", grown)->report_id());
}

TEST(Facts, unknown_words_are_refused) {
  EXPECT_EQ(test_report("cn", "fr").error().kind, ErrorKind::bad_input);
  auto law = *law::load_jurisdiction(std::string(TOCSIN_SOURCE_DIR) + "/rules/jurisdictions", "cn");
  const auto incident = test_incident();
  const auto organisation = test_organisation();
  EXPECT_NE(make_report({.incident = incident, .organisation = organisation, .jurisdiction = law, .phase = "first", .language = "en"}).error().text.find("`first`"),
            std::string::npos);
  law.set_id("xx");
  EXPECT_NE(make_report({.incident = incident, .organisation = organisation, .jurisdiction = law}).error().text.find("no report form"), std::string::npos);
}

TEST(Guard, a_clear_value_in_any_text_is_refused_without_showing_it) {
  auto incident = test_incident();
  incident.set_title("Mass reads by WANG.CANARY!");
  const auto report = test_report("cn", "en", incident);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::refused);
  EXPECT_EQ(report.error().text.find("anary"), std::string::npos) << report.error().text;
  EXPECT_NE(report.error().text.find("sections[1].items[0].value"), std::string::npos) << report.error().text;
}

TEST(Guard, plain_words_and_parts_of_words_are_no_secrets) {
  auto incident = test_incident();
  incident.mutable_group(0)->set_value("one");      // "One user account" is the form's own text.
  incident.mutable_group(1)->set_value("tual");     // Inside of a word only.
  EXPECT_TRUE(test_report("cn", "en", incident));
}

TEST(Guard, chinese_values_need_no_blanks_around_them) {
  const auto report = *test_report("cn", "zh-CN");
  EXPECT_FALSE(check_no_clear_values(report, {}, {"营销有限"}));
  EXPECT_TRUE(check_no_clear_values(report, {}, {"王小明"}));
}

TEST(Dates, zones_and_clock_changes_are_those_of_the_place) {
  const auto text = [](std::string_view when, const std::string& zone, Language language) { return date_text(*parse_rfc3339(when), zone, language); };
  EXPECT_EQ(text("2026-11-24T02:00:00Z", "Asia/Shanghai", Language::en), "24 November 2026, 10:00 (UTC+08:00)");
  EXPECT_EQ(text("2026-11-24T02:00:07Z", "Asia/Shanghai", Language::zh), "2026年11月24日 10:00:07（UTC+08:00）");
  EXPECT_EQ(text("2026-10-24T08:00:00Z", "Europe/Brussels", Language::en), "24 October 2026, 10:00 (UTC+02:00)");
  EXPECT_EQ(text("2026-10-27T08:00:00Z", "Europe/Brussels", Language::en), "27 October 2026, 09:00 (UTC+01:00)");
  EXPECT_EQ(text("2026-10-27T08:00:00Z", "America/New_York", Language::en), "27 October 2026, 04:00 (UTC−04:00)");
}

}  // namespace
}  // namespace tocsin::report
