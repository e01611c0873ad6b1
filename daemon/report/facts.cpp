// facts.cpp: the forms of China and of the GDPR, filled from one incident.
#include "daemon/report/facts.h"

#include "daemon/base/hash.h"
#include "daemon/law/obligations.h"
#include "daemon/report/guard.h"
#include "daemon/report/items.h"
#include "daemon/report/json.h"

namespace tocsin::report {
namespace {

struct Section {
  std::string_view en, zh;
};

struct Item {
  std::string_view field;
  std::string_view en, zh;   ///< The article that asks for it.
};

struct Part {
  Section title;
  std::vector<Item> items;
};

constexpr const char* kPiplEn = "PIPL art. 57";
constexpr const char* kPiplZh = "《个人信息保护法》第五十七条";
#define TOCSIN_CAC(number_en, number_zh) "CAC Measures art. 7(" number_en ")", "《国家网络安全事件报告管理办法》第七条第（" number_zh "）项"

std::vector<Part> china() {
  return {
      {{"1. Organisation and systems", "一、单位及系统基本情况"},
       {{"org.identity", TOCSIN_CAC("1", "一")}, {"org.contact", kPiplEn, kPiplZh}, {"org.dpo", kPiplEn, kPiplZh}, {"systems.affected", TOCSIN_CAC("1", "一")}}},
      {{"2. The incident, its effect so far and the measures taken", "二、事件情况、已造成的影响和已采取的措施"},
       {{"incident.summary", TOCSIN_CAC("2", "二")},
        {"incident.occurred_at", TOCSIN_CAC("2", "二")},
        {"incident.detected_at", TOCSIN_CAC("2", "二")},
        {"incident.aware_at", TOCSIN_CAC("2", "二")},
        {"incident.location", TOCSIN_CAC("2", "二")},
        {"incident.how_discovered", "GB/T 35273 10.1", "GB/T 35273 第10.1条"},
        {"incident.nature", TOCSIN_CAC("2", "二")},
        {"incident.grade", TOCSIN_CAC("2", "二")},
        {"subjects.count", TOCSIN_CAC("2", "二")},
        {"subjects.minors_count", "Minors Regulations art. 35", "《未成年人网络保护条例》第三十五条"},
        {"records.count", TOCSIN_CAC("2", "二")},
        {"data.categories", kPiplEn, kPiplZh},
        {"data.sensitive", "PIPL art. 28", "《个人信息保护法》第二十八条"},
        {"measures.taken", kPiplEn, kPiplZh},
        {"notice.individual_status", kPiplEn, kPiplZh},
        {"notice.public_status", "NDSR art. 11", "《网络数据安全管理条例》第十一条"},
        {"attack.ransom", TOCSIN_CAC("2", "二")}}},
      {{"3. Trend and possible harm", "三、发展趋势和可能造成的进一步影响和危害"},
       {{"incident.trend", TOCSIN_CAC("3", "三")}, {"harm.likely", kPiplEn, kPiplZh}, {"advice.subject", kPiplEn, kPiplZh}}},
      {{"4. Preliminary analysis of the cause", "四、事件原因初步分析"}, {{"incident.cause", TOCSIN_CAC("4", "四")}}},
      {{"5. Leads for tracing", "五、溯源调查线索"}, {{"incident.actor", TOCSIN_CAC("5", "五")}, {"attacker.findings", TOCSIN_CAC("5", "五")}}},
      {{"6. Measures planned and support requested", "六、拟进一步采取的应对措施和请求支援事项"},
       {{"measures.planned", TOCSIN_CAC("6", "六")}, {"support.requested", TOCSIN_CAC("6", "六")}}},
      {{"7. Preservation of the scene", "七、事件现场保护情况"}, {{"evidence.scene_preserved", TOCSIN_CAC("7", "七")}}},
      {{"8. Other matters", "八、其他应当报告的情况"},
       {{"police.reported", "NDSR art. 11", "《网络数据安全管理条例》第十一条"}, {"incident.other", TOCSIN_CAC("8", "八")}}},
  };
}
#undef TOCSIN_CAC

#define TOCSIN_33(part) "GDPR Art. 33" part, "GDPR 第33条" part

std::vector<Part> gdpr() {
  return {
      {{"1. Controller and contact", "一、控制者及联系方式"},
       {{"org.identity", TOCSIN_33("(1)")}, {"org.dpo", TOCSIN_33("(3)(b)")}, {"org.contact", TOCSIN_33("(3)(b)")}}},
      {{"2. Time and course", "二、时间与经过"},
       {{"incident.summary", TOCSIN_33("(3)(a)")},
        {"incident.occurred_at", TOCSIN_33("(3)(a)")},
        {"incident.detected_at", TOCSIN_33("(1)")},
        {"incident.aware_at", TOCSIN_33("(1)")},
        {"incident.how_discovered", TOCSIN_33("(3)(a)")},
        {"delay.reasons", TOCSIN_33("(1)")}}},
      {{"3. Nature of the breach, people and records", "三、泄露的性质、数据主体与记录"},
       {{"incident.nature", TOCSIN_33("(3)(a)")},
        {"incident.actor", TOCSIN_33("(3)(a)")},
        {"incident.cause", TOCSIN_33("(3)(a)")},
        {"systems.affected", TOCSIN_33("(3)(a)")},
        {"subjects.categories", TOCSIN_33("(3)(a)")},
        {"subjects.count", TOCSIN_33("(3)(a)")},
        {"subjects.minors_count", TOCSIN_33("(3)(a)")},
        {"data.categories", TOCSIN_33("(3)(a)")},
        {"records.count", TOCSIN_33("(3)(a)")},
        {"data.protected_state", "GDPR Art. 34(3)(a)", "GDPR 第34条(3)(a)"}}},
      {{"4. Likely consequences", "四、可能的后果"}, {{"harm.likely", TOCSIN_33("(3)(c)")}, {"harm.severity", TOCSIN_33("(3)(c)")}}},
      {{"5. Measures and communication", "五、措施与告知"},
       {{"measures.taken", TOCSIN_33("(3)(d)")},
        {"measures.planned", TOCSIN_33("(3)(d)")},
        {"notice.individual_status", "GDPR Art. 34(1)", "GDPR 第34条(1)"},
        {"notice.public_status", "GDPR Art. 34(3)(c)", "GDPR 第34条(3)(c)"},
        {"advice.subject", "GDPR Art. 34(2)", "GDPR 第34条(2)"}}},
      {{"6. Other", "六、其他"}, {{"crossborder.countries", "GDPR Art. 56", "GDPR 第56条"}, {"police.reported", TOCSIN_33("(3)(d)")}}},
  };
}
#undef TOCSIN_33

Result<std::vector<Part>> form_of(const std::string& jurisdiction) {
  if (jurisdiction == "cn") return china();
  if (jurisdiction == "eu-gdpr") return gdpr();
  return bad_input(fmt::format("there is no report form for jurisdiction `{}` (there is one for cn and eu-gdpr)", jurisdiction));
}

Result<Language> language_of(const std::string& name) {
  if (name == "en") return Language::en;
  if (name == "zh-CN") return Language::zh;
  return bad_input(fmt::format("reports are written in en or zh-CN, not in `{}`", name));
}

google::protobuf::Timestamp timestamp_of(Instant at) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());   // A document bears whole seconds.
  return stamp;
}

/// One language per report: the obligation's other texts would be leaves that no page prints.
v1::Obligation in_language(v1::Obligation duty, Language language) {
  if (language == Language::zh) {
    duty.set_title(duty.title_zh());
    duty.set_reason(duty.reason_zh());
    duty.set_time_limit(duty.time_limit_zh());
  }
  duty.clear_title_zh();
  duty.clear_reason_zh();
  duty.clear_time_limit_zh();
  return duty;
}

std::string basis_in(const v1::Jurisdiction& jurisdiction, const v1::Obligation& obligation, Language language) {
  for (const v1::Duty& duty : jurisdiction.duties())
    if (language == Language::zh && obligation.source() == duty.basis().v() && !duty.basis().zh().empty()) return duty.basis().zh();
  return obligation.source();
}

Result<v1::Report> filled_form(const DrawUp& order) {
  TOCSIN_ASSIGN(const Language language, language_of(order.language));
  TOCSIN_ASSIGN(const auto form, form_of(order.jurisdiction.id()));
  if (words_or_empty("phase." + order.phase, language).empty()) return bad_input(fmt::format("a report is initial, supplement or final, not `{}`", order.phase));
  const law::IncidentFacts facts = law::facts_of(order.incident, order.answers);
  const auto duties = law::obligations(order.jurisdiction, facts);
  const std::string& own_zone = order.organisation.time_zone();

  v1::Report report;
  report.set_tenant(order.incident.tenant());
  report.set_incident_id(order.incident.incident_id());
  report.set_jurisdiction(order.jurisdiction.id());
  report.set_phase(order.phase);
  report.set_language(order.language);
  report.set_title(words("title." + order.jurisdiction.id(), language));
  *report.mutable_drawn_up_at() = timestamp_of(order.drawn_up_at);
  report.set_time_zone(own_zone.empty() || own_zone == "UTC" ? order.jurisdiction.tz() : own_zone);
  const Case about{order.incident, order.organisation, order.jurisdiction, facts, duties, language, report.time_zone(), order.drawn_up_at};
  for (const Part& part : form) {
    v1::ReportSection& section = *report.add_sections();
    section.set_title(about.say(part.title.en, part.title.zh));
    for (const Item& item : part.items) {
      Value value = value_of(item.field, about);
      v1::ReportItem& added = *section.add_items();
      added.set_id(std::string(item.field));
      added.set_label(words("item." + std::string(item.field), language));
      added.set_certainty(value.certainty);
      added.set_value(std::move(value.text));
      added.set_source(about.say(item.en, item.zh));
    }
  }
  for (const v1::Obligation& duty : duties) {
    if (duty.status() == "not_triggered") continue;
    v1::Obligation& added = *report.add_obligations();
    added = in_language(duty, language);
    added.set_source(basis_in(order.jurisdiction, duty, language));
  }
  report.set_report_id(identity({report.incident_id(), report.jurisdiction(), report.phase(), report.language(), json_of(report)}).hex());
  return report;
}

/// What the form says of itself: the same incident without its own texts and those of the organisation.
Result<v1::Report> blank_form(const DrawUp& order) {
  v1::Incident incident = order.incident;
  for (auto& field : *incident.mutable_group()) field.clear_value();
  incident.clear_title();
  incident.clear_title_zh();
  incident.clear_tenant();
  incident.clear_incident_id();
  v1::Organisation organisation;
  organisation.set_time_zone(order.organisation.time_zone());
  return filled_form({.incident = incident,
                      .organisation = organisation,
                      .jurisdiction = order.jurisdiction,
                      .phase = order.phase,
                      .language = order.language,
                      .drawn_up_at = order.drawn_up_at,
                      .answers = order.answers,
                      .clear_values = {}});
}

}  // namespace

Result<v1::Report> make_report(const DrawUp& order) {
  TOCSIN_ASSIGN(v1::Report report, filled_form(order));
  TOCSIN_ASSIGN(const v1::Report blank, blank_form(order));
  std::vector<std::string> secrets = clear_values_of(order.incident);
  secrets.insert(secrets.end(), order.clear_values.begin(), order.clear_values.end());
  TOCSIN_TRY(check_no_clear_values(report, blank, secrets));
  return report;
}

}  // namespace tocsin::report
