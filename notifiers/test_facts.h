// test_facts.h: the facts of one incident, for tests that need words.
#pragma once

#include "daemon/base/clock.h"
#include "tocsin/v1/notice_facts.pb.h"

namespace tocsin {

inline v1::NoticeFacts test_facts() {
  v1::NoticeFacts facts;
  facts.set_incident_id("a1b2c3d4e5f60718293a4b5c6d7e8f90");
  facts.set_purpose("individual_notice");
  facts.set_round(1);
  auto& us = *facts.mutable_organisation();
  us.set_name("Example Cloud Ltd");
  us.set_name_zh("示例云科技有限公司");
  us.set_address("1 Example Road, 200000 Shanghai");
  us.set_contact_name("Privacy Office");
  us.set_contact_email("privacy@corp.example");
  us.set_contact_phone("+86 21 5555 0100");
  us.set_dpo("dpo@corp.example");
  us.set_help_url("https://corp.example/affected");
  us.set_time_zone("Asia/Shanghai");
  facts.set_title("Mass reads of personal records by one actor");
  facts.set_title_zh("同一账号大量读取个人信息");
  facts.set_level("high");
  facts.set_state("confirmed");
  facts.add_rule_ids("6f1d");
  facts.add_kinds("mass_read");
  for (const char* category : {"personal", "contact", "health"}) facts.add_categories(category);
  facts.mutable_first_event()->set_seconds(1'795'457'700);   // 2026-11-23T18:15:00Z
  facts.mutable_last_event()->set_seconds(1'795'466'400);
  facts.mutable_detected_at()->set_seconds(1'795'466'460);
  facts.mutable_confirmed_at()->set_seconds(1'795'480'000);
  facts.mutable_contained_at()->set_seconds(1'795'483'600);
  facts.mutable_drawn_up_at()->set_seconds(1'795'490'000);
  facts.set_affected_count(4213);
  facts.set_record_count(9120);
  facts.set_count_basis(v1::COUNT_BASIS_EXACT);
  facts.add_measures("access_blocked");
  facts.set_announcement_url("https://corp.example/notices/x.html");
  facts.set_authority("Cyberspace Administration of China");
  facts.set_authority_zh("国家互联网信息办公室");
  return facts;
}

}  // namespace tocsin
