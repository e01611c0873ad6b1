// test_case.h: the incident that the report's tests write about, with canaries where personal data could slip through.
#pragma once

#include <gtest/gtest.h>

#include "daemon/law/jurisdiction.h"
#include "daemon/report/facts.h"

namespace tocsin::report {

inline const std::vector<std::string> kCanaries = {"wang.canary", "Canary Zhang", "金丝雀", "12 Canary Street", "canary@example.org", "+8613800138000", "10.99.88.77"};

inline google::protobuf::Timestamp at(std::string_view text) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(micros_of(*parse_rfc3339(text)) / 1'000'000);
  return stamp;
}

inline void add_clock(v1::Incident& incident, const std::string& kind, std::string_view when) {
  v1::ClockEvent& event = *incident.add_clock_events();
  event.set_kind(kind);
  *event.mutable_at() = at(when);
  event.set_by("wang.canary");
  event.set_evidence("Canary Zhang 金丝雀, 12 Canary Street, canary@example.org, +8613800138000");
}

inline v1::Incident test_incident() {
  v1::Incident incident;
  incident.set_incident_id("5f0c2a9be1d34c7788aa90b1c2d3e4f5");
  incident.set_tenant("acme");
  incident.set_state(v1::NOTIFYING);
  incident.set_title("Mass reads of personal records by one actor");
  incident.set_title_zh("单一操作者大量读取个人信息");
  incident.set_level("high");
  v1::FieldValue& actor = *incident.add_group();
  actor.set_field("actor.id");
  actor.set_value("wang.canary");
  v1::FieldValue& place = *incident.add_group();
  place.set_field("src.ip");
  place.set_value("10.99.88.77");
  *incident.mutable_opened_at() = at("2026-11-24T01:20:03Z");
  *incident.mutable_first_event() = at("2026-11-23T18:02:11Z");
  *incident.mutable_last_event() = at("2026-11-23T19:47:52Z");
  for (const char* id : {"a1", "a2", "a3"}) incident.add_alert_ids(id);
  incident.set_affected_count(3214);
  incident.set_record_count(4870);
  incident.set_count_basis(v1::COUNT_BASIS_EXACT);
  for (const char* category : {"personal", "financial", "minor", "Canary Zhang"}) incident.add_categories(category);
  add_clock(incident, "detected", "2026-11-24T01:20:03Z");
  add_clock(incident, "aware", "2026-11-24T02:00:00Z");
  add_clock(incident, "contained", "2026-11-24T02:45:00Z");
  v1::Round& round = *incident.add_rounds();
  round.set_purpose("individual_notice");
  round.set_state(v1::ROUND_APPROVED);
  round.set_recipients(3214);
  incident.set_decided_by("wang.canary");
  incident.set_decision_reason("Canary Zhang admitted it, canary@example.org");
  return incident;
}

inline v1::Organisation test_organisation() {
  v1::Organisation org;
  org.set_name("Acme Marketing Ltd");
  org.set_name_zh("顶点营销有限公司");
  org.set_address("88 Century Avenue, Shanghai");
  org.set_sector("Marketing software");
  org.set_registration("91310000MA1K35XX0A");
  org.set_contact_name("Privacy Office");
  org.set_contact_email("privacy@acme.example");
  org.set_contact_phone("+86 21 5555 0100");
  org.set_dpo("Data Protection Officer, dpo@acme.example");
  org.set_time_zone("Asia/Shanghai");
  return org;
}

inline Result<v1::Report> test_report(const std::string& jurisdiction, const std::string& language, const v1::Incident& incident = test_incident(),
                                      const v1::Organisation& organisation = test_organisation(), const law::Answers& answers = {}) {
  TOCSIN_ASSIGN(const auto law, law::load_jurisdiction(std::string(TOCSIN_SOURCE_DIR) + "/rules/jurisdictions", jurisdiction));
  return make_report({.incident = incident,
                      .organisation = organisation,
                      .jurisdiction = law,
                      .phase = "initial",
                      .language = language,
                      .drawn_up_at = *parse_rfc3339("2026-11-24T03:30:00Z"),
                      .answers = answers,
                      .clear_values = {}});
}

}  // namespace tocsin::report
