// items.cpp: one function per content item; what the record does not say stays unknown.
#include "daemon/report/items.h"

#include "daemon/law/judge.h"
#include "daemon/report/dates.h"

namespace tocsin::report {
namespace {

Value known(std::string text) { return {v1::KNOWN, std::move(text)}; }
Value estimated(std::string text) { return {v1::ESTIMATED, std::move(text)}; }

bool has_category(const Case& about, std::string_view category) {
  const auto& all = about.incident.categories();
  return std::find(all.begin(), all.end(), category) != all.end();
}

bool is_confirmed(const Case& about) {
  const auto state = about.incident.state();
  return state != v1::SUSPECTED && state != v1::DISMISSED && state != v1::INCIDENT_STATE_UNSPECIFIED;
}

std::string joined(const std::vector<std::string>& parts, const Case& about) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += about.say("; ", "；");
    text += part;
  }
  return text;
}

Value or_unknown(std::string text) { return text.empty() ? Value{} : known(std::move(text)); }

Value org_identity(const Case& about) {
  const auto& org = about.organisation;
  const std::string name = about.language == Language::zh && !org.name_zh().empty() ? org.name_zh() : org.name();
  const auto labelled = [&](std::string_view en, std::string_view zh, const std::string& text) { return text.empty() ? text : about.say(en, zh) + text; };
  return or_unknown(joined({name, labelled("registration ", "统一社会信用代码或注册号：", org.registration()), labelled("sector: ", "行业：", org.sector()),
                            labelled("address: ", "地址：", org.address())}, about));
}

Value org_contact(const Case& about) {
  const auto& org = about.organisation;
  return or_unknown(joined({org.contact_name(), org.contact_phone(), org.contact_email()}, about));
}

Value org_dpo(const Case& about) { return or_unknown(about.organisation.dpo()); }

Value summary(const Case& about) {
  const auto& incident = about.incident;
  std::string title = about.language == Language::zh && !incident.title_zh().empty() ? incident.title_zh() : incident.title();
  if (title.empty()) return {};
  const int alerts = incident.alert_ids_size();
  if (about.language == Language::zh) return known(fmt::format("{}（告警{}条）", title, alerts));
  return known(fmt::format("{} ({} {})", title, alerts, alerts == 1 ? "alert" : "alerts"));
}

Value occurred_at(const Case& about) {
  if (!about.incident.has_first_event()) return {};
  const std::string first = date_text(about.incident.first_event(), about.zone, about.language);
  const std::string last = date_text(about.incident.last_event(), about.zone, about.language);
  if (first == last || !about.incident.has_last_event()) return known(first);
  return known(about.say("from ", "自") + first + about.say(" to ", "至") + last);
}

Value clock_event(const Case& about, std::string_view kind) {
  const auto at = about.facts.at(kind);
  return at ? known(date_text(*at, about.zone, about.language)) : Value{};
}

Value detected_at(const Case& about) { return clock_event(about, "detected"); }
Value aware_at(const Case& about) { return clock_event(about, "aware"); }

Value how_discovered(const Case& about) {
  return known(about.say("By automatic monitoring of accesses to personal data", "由个人信息访问行为自动监测系统发现"));
}

Value nature(const Case& about) {
  std::string text = about.say("Confidentiality: personal data were read without authorisation or beyond need", "保密性受损：个人信息被越权或超出必要范围查阅");
  return is_confirmed(about) ? known(std::move(text)) : estimated(std::move(text));
}

/// Kind and number only: the name stays in the incident file.
Value actor(const Case& about) {
  for (const auto& field : about.incident.group()) {
    if (field.field().starts_with("actor.")) return known(about.say("One user account; its name is kept in our incident file", "一个用户账号，账号名称保存于本单位事件档案"));
    if (field.field().starts_with("partner.")) return known(about.say("One partner; its name is kept in our incident file", "一个合作方，其名称保存于本单位事件档案"));
    if (field.field().starts_with("src.")) return known(about.say("One network address; it is kept in our incident file", "一个网络地址，保存于本单位事件档案"));
  }
  return {};
}

Value grade(const Case& about) {
  const v1::Grade* level = law::grade_of(about.jurisdiction.grading(), about.facts);
  if (level == nullptr) return {v1::NOT_APPLICABLE, {}};
  return estimated(fmt::format(fmt::runtime(about.say("{} ({}), by the number of people affected", "{}（{}），按受影响人数判定")), level->id(),
                               about.language == Language::zh ? level->title_zh() : level->title()));
}

Value subjects_count(const Case& about) {
  const auto& incident = about.incident;
  const std::string named = law::grouped(incident.affected_count()), reported = law::grouped(incident.reported_count());
  const bool zh = about.language == Language::zh;
  if (incident.affected_count() + incident.reported_count() == 0) return {};
  if (incident.reported_count() == 0 && incident.count_basis() != v1::COUNT_BASIS_ESTIMATED)
    return known(zh ? fmt::format("{}人（精确：逐一列入受影响名单）", named) : fmt::format("{} (exact: each person is in the list of those affected)", named));
  if (incident.reported_count() == 0) return estimated(zh ? fmt::format("约{}人（估计）", named) : fmt::format("about {} (estimated)", named));
  if (zh) return estimated(fmt::format("逐一列名{}人，另仅知人数者约{}人", named, reported));
  return estimated(fmt::format("{} by name, and about {} more known only as a number", named, reported));
}

Value minors(const Case& about) {
  const auto answer = about.facts.fact("minors");
  if (!answer) return {};
  if (*answer == law::Fact(std::string("yes")))
    return known(about.say("Minors are among the people affected; their number follows", "受影响的人中有未成年人，人数待补充"));
  return known(about.say("No minors are among the people affected", "受影响的人中没有未成年人"));
}

Value records_count(const Case& about) {
  const std::int64_t records = about.incident.record_count();
  if (records == 0) return {};
  const std::string number = law::grouped(records);
  if (about.incident.count_basis() == v1::COUNT_BASIS_EXACT)
    return known(about.language == Language::zh ? fmt::format("{}条（按访问日志统计）", number) : fmt::format("{} (counted from the access log)", number));
  return estimated(about.language == Language::zh ? fmt::format("约{}条", number) : "about " + number);
}

Value categories(const Case& about) {
  std::string text;
  for (const std::string& category : about.incident.categories()) {
    // A category outside the book may be anything a producer wrote, so it is not printed.
    const std::string name = words_or_empty("category." + category, about.language);
    const std::string shown = name.empty() ? words("category.general", about.language) : name;
    if (text.find(shown) != std::string::npos) continue;
    text += (text.empty() ? "" : about.say(", ", "、")) + shown;
  }
  return or_unknown(std::move(text));
}

Value sensitive(const Case& about) {
  if (about.incident.categories().empty()) return {};
  for (const std::string_view category : {"sensitive", "health", "financial", "biometric", "location", "payment"})
    if (has_category(about, category)) return known(about.say("Yes", "是"));
  return {};   // Nobody said that it is not.
}

Value harm(const Case& about) {
  std::string text = words("harm.general", about.language);
  for (const std::string& category : about.incident.categories()) {
    const std::string more = words_or_empty("harm." + category, about.language);
    if (!more.empty() && text.find(more) == std::string::npos) text += about.say("; ", "；") + more;
  }
  return estimated(std::move(text));
}

Value measures_taken(const Case& about) {
  std::vector<std::string> done;
  if (const auto at = about.facts.at("contained")) {
    const std::string when = date_text(*at, about.zone, about.language);
    done.push_back(about.language == Language::zh ? fmt::format("已于{}制止相关访问", when) : fmt::format("the access was stopped on {}", when));
  } else if (about.incident.state() >= v1::CONTAINED && about.incident.state() <= v1::CLOSED) {
    done.push_back(about.say("the access was stopped", "已制止相关访问"));
  }
  if (is_confirmed(about)) done.push_back(about.say("the list of people affected was drawn up from the access log and sealed", "已根据访问日志确定受影响人员名单并加密封存"));
  return or_unknown(joined(done, about));
}

Value notices(const Case& about, std::string_view purpose) {
  std::int64_t approved = 0, waiting = 0, finished = 0;
  for (const v1::Round& round : about.incident.rounds()) {
    if (round.purpose() != purpose) continue;
    if (round.state() == v1::ROUND_FINISHED) finished += round.recipients();
    if (round.state() == v1::ROUND_APPROVED) approved += round.recipients();
    if (round.state() == v1::ROUND_AWAITING_APPROVAL) waiting += round.recipients();
  }
  const bool zh = about.language == Language::zh;
  std::vector<std::string> parts;
  const auto part = [&](std::int64_t people, std::string_view en, std::string_view chinese) {
    if (people > 0) parts.push_back(fmt::format(fmt::runtime(zh ? chinese : en), law::grouped(people)));
  };
  part(finished, "finished for {} people", "已完成{}人");
  part(approved, "approved and under way for {} people", "已批准、正在发送{}人");
  part(waiting, "awaiting approval for {} people", "待批准{}人");
  return or_unknown(joined(parts, about));
}

Value individual_status(const Case& about) { return notices(about, "individual_notice"); }
Value public_status(const Case& about) { return notices(about, "announcement"); }

Value advice(const Case& about) {
  return known(about.say("Be wary of calls and messages that mention these data; give nobody a password or a verification code; ask back through the contact above",
                         "警惕提及上述信息的来电和短信；不向任何人提供密码或验证码；如有疑问通过上述联系方式核实"));
}

Value delay_reasons(const Case& about) {
  for (const v1::Obligation& duty : about.obligations) {
    if (duty.duty() != "eu.gdpr33" || !duty.has_due_at()) continue;
    const Instant due = instant_of(duty.due_at().seconds() * 1'000'000);
    return {about.drawn_up_at > due ? v1::UNKNOWN_YET : v1::NOT_APPLICABLE, {}};
  }
  return {};
}

struct Row {
  std::string_view field;
  Value (*value)(const Case&);
};

/// Fields that the incident record can answer, sorted; any other is unknown_yet.
constexpr Row kRows[] = {
    {"advice.subject", advice},
    {"data.categories", categories},
    {"data.sensitive", sensitive},
    {"delay.reasons", delay_reasons},
    {"harm.likely", harm},
    {"incident.actor", actor},
    {"incident.aware_at", aware_at},
    {"incident.detected_at", detected_at},
    {"incident.grade", grade},
    {"incident.how_discovered", how_discovered},
    {"incident.nature", nature},
    {"incident.occurred_at", occurred_at},
    {"incident.summary", summary},
    {"measures.taken", measures_taken},
    {"notice.individual_status", individual_status},
    {"notice.public_status", public_status},
    {"org.contact", org_contact},
    {"org.dpo", org_dpo},
    {"org.identity", org_identity},
    {"records.count", records_count},
    {"subjects.count", subjects_count},
    {"subjects.minors_count", minors},
};

/// Our own sentences begin with a capital; names and addresses of the organisation stay as they were written.
Value as_sentence(Value value, std::string_view field) {
  if (field.starts_with("org.") || value.text.empty()) return value;
  char& first = value.text.front();
  if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
  return value;
}

}  // namespace

Value value_of(std::string_view field, const Case& about) {
  for (const Row& row : kRows)
    if (row.field == field) return as_sentence(row.value(about), field);
  return {};
}

}  // namespace tocsin::report
