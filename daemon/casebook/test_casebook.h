// test_casebook.h: a small company with two people in its response team, and incidents made by hand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/file.h"
#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/casebook/casebook.h"
#include "daemon/casebook/contacts.h"
#include "daemon/casebook/facts.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/times.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin::casebook {

inline const Principal kAlice{"unix:alice"};
inline const Principal kBob{"unix:bob"};
inline const Principal kCarol{"token:carol"};

inline SubjectKey subject_key() { return {Secret(std::string(32, 's')), 1}; }
inline Id128 ref_of(const std::string& id) { return subject_of(subject_key(), "customer", id)->ref; }

inline v1::Config small_company() {
  v1::Config config;
  config.set_tenant("t");
  config.mutable_organisation()->set_name("Acme Ltd");
  config.mutable_organisation()->set_name_zh("阿克米公司");
  config.mutable_organisation()->set_contact_email("privacy@acme.example");
  config.mutable_organisation()->set_help_url("https://acme.example/help");
  config.mutable_delivery()->set_mode(v1::LIVE);
  const auto channel = [&](const char* name, const char* type) {
    auto* added = config.add_channels();
    added->set_name(name);
    added->set_type(type);
    return added;
  };
  channel("mail", "email");
  channel("text", "sms");
  channel("app", "push");
  channel("ops", "webhook");
  v1::settings::Announcement page;
  page.set_base_url("https://acme.example/notices");
  channel("page", "announcement")->mutable_settings()->PackFrom(page);
  return config;
}

inline v1::Playbook usual_playbook() {
  v1::Playbook playbook;
  for (const char* type : {"push", "sms", "email"}) playbook.mutable_notice()->add_chain(type);
  playbook.mutable_operations()->add_channels("webhook");
  return playbook;
}

inline v1::FieldValue field(const std::string& name, const std::string& value) {
  v1::FieldValue f;
  f.set_field(name);
  f.set_value(value);
  return f;
}

inline const Instant kNight = *parse_rfc3339("2026-11-23T02:00:00Z");

/// An alert of `rule` about `actor`, `hours` after kNight.
inline v1::Alert alert_of(const std::string& rule, const std::string& actor, int hours = 0) {
  v1::Alert alert;
  const Instant at = kNight + std::chrono::hours(hours);
  alert.set_alert_id(identity({rule, actor, std::to_string(hours)}).hex());
  alert.set_tenant("t");
  alert.set_rule_id(rule);
  alert.set_rule_title("Mass reads");
  alert.set_rule_title_zh("批量读取");
  alert.set_level("high");
  *alert.add_group() = field("actor.id", actor);
  *alert.mutable_first_event() = store::timestamp_of(at);
  *alert.mutable_last_event() = store::timestamp_of(at + std::chrono::minutes(5));
  *alert.mutable_triggered_at() = store::timestamp_of(at + std::chrono::minutes(5));
  alert.add_categories("personal");
  return alert;
}

inline Affected affected_of(const std::string& rule, const std::string& actor, const std::vector<std::string>& people, int hours = 0, const std::string& event = "") {
  Affected affected;
  affected.rule_id = rule;
  affected.group = {field("actor.id", actor)};
  affected.time = kNight + std::chrono::hours(hours) + std::chrono::minutes(1);
  std::string names;
  for (const std::string& person : people) {
    names += person + ",";
    v1::SubjectRef ref;
    ref.set_ref(std::string(ref_of(person).view()));
    ref.set_id_type("customer");
    ref.set_key_version(1);
    affected.subjects.push_back(ref);
  }
  affected.event_id = event.empty() ? identity({"event", names}).hex() : event;
  affected.record_count = static_cast<std::int64_t>(people.size());
  affected.categories = {"personal"};
  return affected;
}

/// c1: all channels, English. c2: mail only. c3: telephone only. c9 is in nobody's contacts.
inline const char* const kContacts =
    "id,id_type,locale,email,phone,push_token,guardian_id\r\n"
    "c1,customer,en,CANARY-one@mail.example,+8613800138000,CANARY-token,\r\n"
    "c2,customer,zh-CN,CANARY-two@mail.example,,,\r\n"
    "c3,customer,,,+8613900139000,,\r\n"
    "kid,customer,zh-CN,,,,mum\r\n"
    "mum,customer,zh-CN,CANARY-mum@mail.example,,,\r\n";

class CasebookTest : public testing::Test {
 protected:
  explicit CasebookTest(std::string path = ":memory:") : path_(std::move(path)) {}

  void SetUp() override { reopen(); load_contacts(kContacts); }

  void reopen() {
    book_.reset();
    store_.reset();
    auto opened = Store::open({.path = path_, .tenant = "t", .seal_key = Secret(std::string(32, 'k'))});
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = std::move(*opened);
    rebuild();
  }
  void rebuild() { book_ = std::make_unique<Casebook>(*store_, clock_, config_, playbook_, checkpoints_, jurisdictions_); }

  void load_contacts(const std::string& csv) {
    auto rows = read_contacts("contacts.csv", csv, subject_key());
    ASSERT_TRUE(rows) << rows.error().text;
    auto tx = *store_->begin();
    ASSERT_TRUE(tx.replace_contacts(*rows));
    ASSERT_TRUE(tx.commit());
  }

  Absorbed absorb(const Effects& effects) {
    auto tx = *store_->begin();
    auto absorbed = book_->absorb(tx, effects);
    EXPECT_TRUE(absorbed) << absorbed.error().text;
    EXPECT_TRUE(tx.commit());
    return absorbed ? *absorbed : Absorbed{};
  }

  /// An incident about these people, suspected.
  std::string incident_about(const std::vector<std::string>& people, const std::string& actor = "eve") {
    Effects effects;
    effects.alerts.push_back(alert_of("rule-1", actor));
    effects.affected.push_back(affected_of("rule-1", actor, people));
    absorb(effects);
    return effects.alerts[0].alert_id();
  }
  std::string confirmed_about(const std::vector<std::string>& people, const std::string& actor = "eve") {
    const std::string id = incident_about(people, actor);
    const auto incident = book_->confirm(id, kAlice, kNight + std::chrono::hours(6), "read the log with the team lead");
    EXPECT_TRUE(incident) << incident.error().text;
    return id;
  }
  std::string binding(const std::string& id, std::uint32_t round = 1) { return book_->preview(id, round, "", "")->binding(); }
  std::string approved_about(const std::vector<std::string>& people) {
    const std::string id = confirmed_about(people);
    const auto approved = book_->approve(id, 1, kBob, binding(id));
    EXPECT_TRUE(approved) << approved.error().text;
    return id;
  }

  std::vector<store::DueNotice> claim(const std::string& lease = "lease", std::uint32_t limit = 100) {
    auto due = book_->claim(lease, clock_.now() + tocsin::limits::kClaimLease, limit);
    EXPECT_TRUE(due) << due.error().text;
    return due ? std::move(*due) : std::vector<store::DueNotice>{};
  }
  /// Claims what is due and settles it by `answer(due)`, until nothing is due. How many were settled.
  template <typename Answer>
  int run_courier(const Answer& answer) {
    int settled = 0;
    for (auto due = claim(); !due.empty(); due = claim()) {
      for (const auto& one : due) {
        EXPECT_TRUE(*book_->point_of_no_return(one.notice.notice_id(), one.lease));
        const auto ours = book_->settle(one, answer(one));
        EXPECT_TRUE(ours) << ours.error().text;
        ++settled;
      }
    }
    return settled;
  }
  std::vector<v1::Notice> notices(const std::string& id, const std::string& purpose = kIndividual) {
    store::NoticeFilter filter;
    filter.incident_id = id;
    filter.purpose = purpose;
    return *store_->read()->notices(filter);
  }
  v1::RoundState round_state(const std::string& id, std::uint32_t number = 1) { return (*store_->read()->round(id, number))->state(); }

  std::string path_;
  std::string checkpoints_;
  std::vector<v1::Jurisdiction> jurisdictions_;
  ManualClock clock_{kNight + std::chrono::hours(8)};
  v1::Config config_ = small_company();
  v1::Playbook playbook_ = usual_playbook();
  std::unique_ptr<Store> store_;
  std::unique_ptr<Casebook> book_;
};

}  // namespace tocsin::casebook
