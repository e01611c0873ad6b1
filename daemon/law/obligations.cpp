// obligations.cpp: applies each duty of a jurisdiction to the facts of one incident.
#include "daemon/law/obligations.h"

#include "daemon/law/counting.h"
#include "daemon/law/judge.h"
#include "daemon/law/jurisdiction.h"
#include "daemon/law/words.h"

namespace tocsin::law {
namespace {

google::protobuf::Timestamp timestamp_of(Instant at) {
  google::protobuf::Timestamp stamp;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  stamp.set_seconds(seconds.time_since_epoch().count());
  stamp.set_nanos(static_cast<std::int32_t>((at - seconds).count() * 1'000));
  return stamp;
}

void say(v1::Obligation& obligation, std::string_view status, const Words& why) {
  obligation.set_status(std::string(status));
  obligation.set_reason(why.en);
  obligation.set_reason_zh(why.zh);
}

/// Whether the duty stands at all. `no` beats `open`: a question needs no answer where another criterion already fails.
Judgment applies(const v1::Duty& duty, const v1::Jurisdiction& jurisdiction, const IncidentFacts& facts) {
  Judgment open{Verdict::yes, {}};
  for (const v1::LegalTest& test : duty.when()) {
    Judgment judgment = judge(test, jurisdiction.grading(), facts);
    if (judgment.verdict == Verdict::no) return judgment;
    if (judgment.verdict == Verdict::open && open.verdict == Verdict::yes) open = std::move(judgment);
  }
  return open;
}

const v1::Exemption* exemption_of(const v1::Duty& duty, const v1::Jurisdiction& jurisdiction, const IncidentFacts& facts) {
  for (const v1::Exemption& exemption : duty.exempt())
    if (is_verified(exemption.text().c()) && judge(exemption.test(), jurisdiction.grading(), facts).verdict == Verdict::yes) return &exemption;
  return nullptr;
}

/// The clock part of an obligation that stands: due, blocked, without a number, or not to be counted before review.
void run_clock(v1::Obligation& obligation, const v1::Duty& duty, const v1::TimeLimit& limit, const v1::Jurisdiction& jurisdiction,
               const IncidentFacts& facts) {
  const bool own_start = !limit.from().empty();
  const std::string kind = own_start ? limit.from() : duty.clock_start().v();
  const auto start = facts.at(kind);
  obligation.set_clock_event(kind);
  if (start) *obligation.mutable_clock_at() = timestamp_of(*start);
  const bool sure = is_verified(limit.c()) && (own_start || is_verified(duty.clock_start().c()));
  if (limit.c() == "FM" || (limit.has_n() && !sure))
    return say(obligation, "needs_legal_review", {"The time limit or its start has not been legally reviewed: no deadline is computed", "期限或其起算点尚未经法律审核，不计算截止时间"});
  if (!limit.has_n()) return say(obligation, "no_fixed_limit", {});
  if (!start) {
    const Words event = clock_event_words(kind);
    return say(obligation, "blocked", {fmt::format("The clock event `{}` ({}) is not recorded; no other event takes its place", kind, event.en),
                                       fmt::format("尚未记录时钟事件“{}”（{}）；不以其他事件代替", event.zh, kind)});
  }
  const auto due = due_after(*start, limit, jurisdiction);
  if (!due) return say(obligation, "needs_legal_review", {due.error().text, due.error().text});
  *obligation.mutable_due_at() = timestamp_of(*due);
  say(obligation, "due", {});
}

/// Operators of different kinds have different limits; a limit without `who` is everybody's.
bool is_for(const v1::TimeLimit& limit, const IncidentFacts& facts) {
  if (limit.who().empty()) return true;
  const auto who = facts.fact("operator");
  return who && std::holds_alternative<std::string>(*who) && std::get<std::string>(*who) == limit.who();
}

v1::Obligation obligation_of(const v1::Duty& duty, const v1::TimeLimit* limit, const v1::Jurisdiction& jurisdiction) {
  v1::Obligation obligation;
  obligation.set_jurisdiction(jurisdiction.id());
  obligation.set_duty(duty.id());
  obligation.set_title(duty.title());
  obligation.set_title_zh(duty.title_zh());
  obligation.set_source(duty.basis().v());
  obligation.set_confidence(limit != nullptr ? limit->c() : duty.basis().c());
  Words time_limit = no_limit_words();
  if (limit != nullptr) {
    time_limit = limit_words(*limit);
    if (limit->phase() != "initial") {
      const Words phase = phase_words(limit->phase());
      obligation.set_duty(duty.id() + ":" + limit->phase());
      obligation.set_title(fmt::format("{} – {}", duty.title(), phase.en));
      obligation.set_title_zh(fmt::format("{}（{}）", duty.title_zh(), phase.zh));
    }
    if (!limit->to().empty()) {
      time_limit.en += ", to the " + limit->to();
      time_limit.zh += "，报" + limit->to_zh();
    }
  }
  obligation.set_time_limit(time_limit.en);
  obligation.set_time_limit_zh(time_limit.zh);
  return obligation;
}

}  // namespace

std::vector<v1::Obligation> obligations(const v1::Jurisdiction& jurisdiction, const IncidentFacts& facts) {
  std::vector<v1::Obligation> all;
  for (const v1::Duty& duty : jurisdiction.duties()) {
    if (duty.force() == "policy") continue;   // A plan that binds authorities, kept for its grades.
    const Judgment judgment = applies(duty, jurisdiction, facts);
    const v1::Exemption* exemption = judgment.verdict == Verdict::no ? nullptr : exemption_of(duty, jurisdiction, facts);
    std::vector<const v1::TimeLimit*> limits;
    for (const v1::TimeLimit& limit : duty.deadlines())
      if (is_for(limit, facts)) limits.push_back(&limit);
    // Without any limit the duty still stands; where all limits are other operators', a person must choose.
    if (limits.empty()) limits.push_back(nullptr);
    for (const v1::TimeLimit* limit : limits) {
      v1::Obligation obligation = obligation_of(duty, limit, jurisdiction);
      if (judgment.verdict == Verdict::no) say(obligation, "not_triggered", judgment.why);
      else if (exemption != nullptr) say(obligation, "exempt", {exemption->text().v(), exemption->text().zh()});
      else if (judgment.verdict == Verdict::open) say(obligation, "needs_legal_review", judgment.why);
      else if (limit != nullptr) run_clock(obligation, duty, *limit, jurisdiction, facts);
      else if (!duty.deadlines().empty()) say(obligation, "needs_legal_review", {"No time limit is known for this kind of operator", "该类运营者的期限未知"});
      else say(obligation, "no_fixed_limit", {});
      for (const std::string& addressee : duty.addressee()) {
        obligation.set_addressee(addressee);
        all.push_back(obligation);
      }
    }
  }
  return all;
}

}  // namespace tocsin::law
