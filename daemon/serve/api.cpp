// api.cpp: the verbs, one function each; policy stands in the casebook, here only words are translated.
#include "daemon/serve/api.h"

#include <google/protobuf/util/time_util.h>

namespace tocsin::serve {
namespace {

constexpr std::size_t kPrefixMin = 6;          // Shorter prefixes hit the wrong incident too easily.
constexpr std::uint32_t kRowsMax = 100'000;    // One answer; a longer list must be narrowed.

ApiError translated(Error error) {
  switch (error.kind) {
    case ErrorKind::bad_input: return {ApiError::Code::bad_request, std::move(error.text)};
    case ErrorKind::refused: return {ApiError::Code::permission, std::move(error.text)};
    case ErrorKind::unavailable: return {ApiError::Code::unavailable, std::move(error.text)};
  }
  return {ApiError::Code::unavailable, std::move(error.text)};
}

auto failed(Error error) { return tl::unexpected(translated(std::move(error))); }
auto failed(ApiError error) { return tl::unexpected(std::move(error)); }
auto bad(std::string text) { return tl::unexpected(ApiError{ApiError::Code::bad_request, std::move(text)}); }

std::uint32_t limited(std::uint32_t wanted) { return wanted == 0 ? kRowsMax : std::min(wanted, kRowsMax); }

template <typename T>
Answer<T> answered(Result<T> result) {
  if (!result) return failed(std::move(result).error());
  return std::move(*result);
}

v1::PartitionStatus status_of(const store::PartitionRow& row, std::int64_t high) {
  v1::PartitionStatus out;
  out.set_source(row.source);
  out.set_partition(row.partition);
  out.set_start(row.start);
  out.set_next(row.next);
  out.set_applied(row.applied);
  out.set_late(row.late);
  out.set_dead(row.dead);
  out.set_gap(row.gap);
  out.set_duplicate(row.duplicate);
  out.set_events(row.events);
  out.set_balanced(row.balanced());
  out.set_high_watermark(high);
  return out;
}

}  // namespace

/// `value` of a Result inside a verb, or leave with its error as the client shall see it.
#define TOCSIN_NEED(target, expression)                                           \
  auto TOCSIN_JOIN(need_, __LINE__) = (expression);                               \
  if (!TOCSIN_JOIN(need_, __LINE__)) return failed(std::move(TOCSIN_JOIN(need_, __LINE__)).error()); \
  target = std::move(*TOCSIN_JOIN(need_, __LINE__))

Api::Api(casebook::Casebook& casebook, const Clock& clock, v1::Config config, Running running)
    : casebook_(casebook), clock_(clock), config_(std::move(config)), running_(std::move(running)) {}

Answer<std::string> Api::incident_id(const std::string& typed) const {
  if (typed.empty()) return bad("an incident id is needed; `tocsin incident list` shows them");
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto exact, view.incident(typed));
  if (exact) return typed;
  std::vector<std::string> hits;
  if (typed.size() >= kPrefixMin) {
    TOCSIN_NEED(const auto all, view.incidents());
    for (const v1::Incident& incident : all) {
      if (incident.incident_id().starts_with(typed)) hits.push_back(incident.incident_id());
    }
  }
  if (hits.size() == 1) return hits.front();
  if (hits.size() > 1) return bad(fmt::format("`{}` begins the ids of {} incidents; write more of it", typed, hits.size()));
  return failed(ApiError{ApiError::Code::not_found, fmt::format("no incident `{}`; `tocsin incident list` shows them", typed)});
}

Answer<v1::GetStatusResponse> Api::status(const Principal&, const v1::GetStatusRequest&) {
  v1::GetStatusResponse out;
  out.set_version(running_.version);
  out.set_tenant(config_.tenant());
  out.set_delivery_mode(v1::DeliveryMode_Name(config_.delivery().mode()));
  const RulesInUse rules = running_.rules();
  out.set_ruleset(rules.ruleset);
  out.set_rules(rules.rules);
  for (std::string& reason : running_.not_ready()) *out.add_not_ready() = std::move(reason);
  out.set_ready(out.not_ready().empty());
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto partitions, view.partitions());
  for (const store::PartitionRow& row : partitions) {
    *out.add_partitions() = status_of(row, running_.high_watermark(row.source, row.partition));
  }
  TOCSIN_NEED(const auto alerts, view.alert_count());
  TOCSIN_NEED(const auto incidents, view.incident_count());
  TOCSIN_NEED(const auto notices, view.notice_counts());
  out.set_alerts(alerts);
  out.set_incidents(incidents);
  for (const auto& [state, count] : notices) (*out.mutable_notices())[state] = count;
  return out;
}

Answer<v1::ListAlertsResponse> Api::list_alerts(const Principal&, const v1::ListAlertsRequest& request) {
  std::string id;
  if (!request.incident_id().empty()) {
    TOCSIN_NEED(id, incident_id(request.incident_id()));
  }
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto alerts, view.alerts(id, limited(request.limit())));
  v1::ListAlertsResponse out;
  for (const v1::Alert& alert : alerts) *out.add_alerts() = alert;
  return out;
}

Answer<v1::ListIncidentsResponse> Api::list_incidents(const Principal&, const v1::ListIncidentsRequest& request) {
  std::vector<v1::IncidentState> states;
  for (const int state : request.states()) states.push_back(static_cast<v1::IncidentState>(state));
  TOCSIN_NEED(const auto incidents, casebook_.incidents(states, limited(request.limit())));
  v1::ListIncidentsResponse out;
  for (const v1::Incident& incident : incidents) *out.add_incidents() = incident;
  return out;
}

Answer<v1::Incident> Api::get_incident(const Principal&, const v1::GetIncidentRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.incident(id));
}

Answer<v1::ListAffectedResponse> Api::list_affected(const Principal& by, const v1::ListAffectedRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto affected, view.affected(id));
  // Refs are pseudonymous, but a list of everyone in an incident is still looked at by somebody: that leaves a trace.
  if (const auto noted = casebook_.note(by, "affected_listed", id); !noted) return failed(noted.error());
  v1::ListAffectedResponse out;
  for (const Subject& subject : affected) *out.add_refs() = subject.ref.hex();
  return out;
}

Answer<v1::Incident> Api::confirm(const Principal& by, const v1::ConfirmIncidentRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  std::optional<Instant> aware;
  if (request.has_aware_at()) aware = instant_of(google::protobuf::util::TimeUtil::TimestampToMicroseconds(request.aware_at()));
  return answered(casebook_.confirm(id, by, aware, request.evidence()));
}

Answer<v1::Incident> Api::dismiss(const Principal& by, const v1::DismissIncidentRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.dismiss(id, by, request.reason()));
}

Answer<v1::Incident> Api::contain(const Principal& by, const v1::ContainIncidentRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.contain(id, by, request.reason()));
}

Answer<v1::Incident> Api::propose(const Principal& by, const v1::ProposeRoundRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.propose(id, by));
}

Answer<v1::Incident> Api::approve(const Principal& by, const v1::ApproveRoundRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  if (request.binding().empty()) {
    return failed(ApiError{ApiError::Code::approval_required,
                           "an approval names what it binds: look at `tocsin notice preview`, then pass its --binding"});
  }
  return answered(casebook_.approve(id, request.round(), by, request.binding()));
}

Answer<v1::PreviewNoticeResponse> Api::preview(const Principal&, const v1::PreviewNoticeRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.preview(id, request.round(), request.channel(), request.locale()));
}

Answer<v1::ListNoticesResponse> Api::list_notices(const Principal&, const v1::ListNoticesRequest& request) {
  store::NoticeFilter filter;
  if (!request.incident_id().empty()) {
    TOCSIN_NEED(filter.incident_id, incident_id(request.incident_id()));
  }
  filter.round = request.round();
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto counts, view.notice_counts(filter));
  filter.limit = limited(request.limit());
  TOCSIN_NEED(const auto notices, view.notices(filter));
  v1::ListNoticesResponse out;
  for (const v1::Notice& notice : notices) *out.add_notices() = notice;
  for (const auto& [state, count] : counts) (*out.mutable_by_state())[state] = count;
  return out;
}

Answer<v1::StopNoticesResponse> Api::stop_notices(const Principal& by, const v1::StopNoticesRequest& request) {
  TOCSIN_NEED(const std::string id, incident_id(request.incident_id()));
  return answered(casebook_.stop(id, request.round(), by, request.reason()));
}

Answer<v1::ListDeadLettersResponse> Api::list_dead_letters(const Principal& by, const v1::ListDeadLettersRequest& request) {
  store::DeadLetterFilter filter;
  filter.source = request.source();
  filter.reason = request.reason();
  filter.one = request.only_this();
  filter.partition = request.partition();
  filter.offset = request.offset();
  filter.with_value = request.with_value();
  filter.limit = limited(request.limit());
  TOCSIN_NEED(const auto view, casebook_.store().read());
  TOCSIN_NEED(const auto rows, view.dead_letters(filter));
  if (request.with_value()) {
    // The raw bytes may hold anybody's data: who looked is part of the record.
    if (const auto noted = casebook_.note(by, "dead_letter_shown", fmt::format("{}/{}/{}", filter.source, filter.partition, filter.offset)); !noted) {
      return failed(noted.error());
    }
  }
  v1::ListDeadLettersResponse out;
  for (const store::DeadLetterRow& row : rows) {
    v1::DeadLetter& letter = *out.add_dead_letters();
    letter.set_source(row.source);
    letter.set_partition(row.partition);
    letter.set_offset(row.offset);
    letter.set_reason(row.reason);
    letter.set_detail(row.detail);
    letter.set_value(row.value);
    letter.set_replayed(row.replayed);
    *letter.mutable_recorded_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(micros_of(row.recorded_at));
  }
  return out;
}

Answer<v1::ReplayDeadLettersResponse> Api::replay_dead_letters(const Principal& by, const v1::ReplayDeadLettersRequest& request) {
  TOCSIN_NEED(auto out, running_.replay_dead_letters(request));
  if (const auto noted = casebook_.note(by, "dead_letters_replayed", request.source(),
                                        fmt::format("{{\"replayed\":{},\"still_dead\":{}}}", out.replayed(), out.still_dead()));
      !noted) {
    return failed(noted.error());
  }
  return out;
}

Answer<v1::ReloadRulesResponse> Api::reload_rules(const Principal& by, const v1::ReloadRulesRequest&) {
  TOCSIN_NEED(auto out, running_.reload_rules());
  if (const auto noted = casebook_.note(by, "rules_reloaded", out.ruleset(),
                                        fmt::format("{{\"rules\":{},\"added\":{},\"changed\":{},\"removed\":{}}}", out.rules(), out.added_size(), out.changed_size(), out.removed_size()));
      !noted) {
    return failed(noted.error());
  }
  return out;
}

Answer<v1::VerifyAuditResponse> Api::verify_audit(const Principal&, const v1::VerifyAuditRequest&) {
  TOCSIN_NEED(const auto verdict, casebook_.verify_audit());
  v1::VerifyAuditResponse out;
  out.set_rows(verdict.rows);
  out.set_intact(verdict.intact);
  out.set_problem(verdict.problem);
  return out;
}

}  // namespace tocsin::serve
