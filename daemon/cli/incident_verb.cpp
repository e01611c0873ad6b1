// incident_verb.cpp: `tocsin incident …`: looking at incidents and deciding about them.
#include <google/protobuf/util/time_util.h>

#include <CLI/CLI.hpp>

#include "daemon/cli/client.h"
#include "daemon/cli/words.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string id, reason, evidence, aware_at, binding;
  std::uint32_t round = 0, limit = 0;
  std::vector<std::string> states;
};

void show_incident(const Call& call, const v1::Incident& incident) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {"incident", incident.incident_id()},
      {"state", state_text(incident.state())},
      {"title", incident.title()},
      {"title_zh", incident.title_zh()},
      {"level", incident.level()},
      {"group", group_text(incident.group())},
      {"affected", count_text(incident)},
      {"records", std::to_string(incident.record_count())},
      {"first_event", time_text(incident.first_event())},
      {"last_event", time_text(incident.last_event())},
      {"opened_at", time_text(incident.opened_at())},
      {"alerts", std::to_string(incident.alert_ids_size())},
  };
  if (!incident.decided_by().empty()) facts.emplace_back("decided_by", fmt::format("{}: {}", incident.decided_by(), incident.decision_reason()));
  for (const v1::ClockEvent& event : incident.clock_events()) {
    facts.emplace_back("clock", fmt::format("{} at {} by {}: {}", event.kind(), time_text(event.at()), event.by(), event.evidence()));
  }
  for (const v1::Round& round : incident.rounds()) {
    std::string approvals;
    for (const v1::Approval& approval : round.approvals()) approvals += (approvals.empty() ? "" : ", ") + approval.by();
    facts.emplace_back(fmt::format("round {}", round.number()),
                       fmt::format("{} · {} people · approved by {} of {}{} · binding {}", state_text(round.state()), round.recipients(),
                                   round.approvals_size(), round.approvals_needed(), approvals.empty() ? "" : " (" + approvals + ")", round.binding()));
  }
  int not_triggered = 0;
  for (const v1::Obligation& duty : incident.obligations()) {
    if (duty.status() == "not_triggered" || duty.status() == "exempt") {
      ++not_triggered;
      continue;
    }
    facts.emplace_back(fmt::format("duty {}", duty.jurisdiction()),
                       fmt::format("{} · {} · due {} · {} · {}", duty.title(), duty.status(), time_text(duty.due_at()), duty.time_limit(), duty.source()));
    if (duty.status() == "blocked") facts.back().second += fmt::format(" · {}", duty.reason());
  }
  if (not_triggered > 0) facts.emplace_back("duties", fmt::format("{} more do not apply here; --output json shows why", not_triggered));
  Output output = call.output();
  print_facts(output, incident, facts);
}

Ending list(const Call& call, const Words& words) {
  v1::ListIncidentsRequest request;
  request.set_limit(words.limit);
  for (std::string state : words.states) {
    for (char& c : state) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    v1::IncidentState value{};
    if (!v1::IncidentState_Parse(state, &value)) {
      return {ExitCode::usage, fmt::format("--state: `{}` is no state", state), "suspected, confirmed, contained, notifying, reported, closed or dismissed"};
    }
    request.add_states(value);
  }
  return ask<v1::ListIncidentsResponse>(call, "ListIncidents", request, [&](const v1::ListIncidentsResponse& answer) {
    Output output = call.output();
    print_list<v1::Incident>(output, answer, answer.incidents(),
                             {{"incident", [](const auto& i) { return i.incident_id(); }},
                              {"state", [](const auto& i) { return state_text(i.state()); }},
                              {"level", [](const auto& i) { return i.level(); }},
                              {"opened_at", [](const auto& i) { return time_text(i.opened_at()); }},
                              {"affected", [](const auto& i) { return count_text(i); }},
                              {"alerts", [](const auto& i) { return std::to_string(i.alert_ids_size()); }},
                              {"group", [](const auto& i) { return group_text(i.group()); }},
                              {"title", [](const auto& i) { return i.title(); }}});
  });
}

Ending confirm(const Call& call, const Words& words) {
  const auto at = parse_rfc3339(words.aware_at);
  if (!at) return {ExitCode::usage, "--aware-at: " + at.error().text, {}};
  v1::ConfirmIncidentRequest request;
  request.set_incident_id(words.id);
  *request.mutable_aware_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(micros_of(*at));
  request.set_evidence(words.evidence);
  return ask<v1::Incident>(call, "ConfirmIncident", request, [&](const v1::Incident& incident) { show_incident(call, incident); });
}

/// A verb whose request is an incident and a reason.
template <typename Request>
Ending with_reason(const Call& call, const char* method, const Words& words) {
  Request request;
  request.set_incident_id(words.id);
  request.set_reason(words.reason);
  return ask<v1::Incident>(call, method, request, [&](const v1::Incident& incident) { show_incident(call, incident); });
}

template <typename Request>
Ending plain(const Call& call, const char* method, const Words& words) {
  Request request;
  request.set_incident_id(words.id);
  return ask<v1::Incident>(call, method, request, [&](const v1::Incident& incident) { show_incident(call, incident); });
}

Ending approve(const Call& call, const Words& words) {
  v1::ApproveRoundRequest request;
  request.set_incident_id(words.id);
  request.set_round(words.round);
  request.set_binding(words.binding);
  return ask<v1::Incident>(call, "ApproveRound", request, [&](const v1::Incident& incident) { show_incident(call, incident); });
}

Ending affected(const Call& call, const Words& words) {
  v1::ListAffectedRequest request;
  request.set_incident_id(words.id);
  return ask<v1::ListAffectedResponse>(call, "ListAffected", request, [&](const v1::ListAffectedResponse& answer) {
    Output output = call.output();
    if (output.format == Format::json) return print_message(output, answer);
    if (output.format == Format::ndjson) {
      for (const std::string& ref : answer.refs()) output.out << "{\"ref\":\"" << ref << "\"}\n";
      return;
    }
    Rows rows;
    for (const std::string& ref : answer.refs()) rows.push_back({ref});
    output.format == Format::csv ? print_csv(output, {"ref"}, rows) : print_table(output, {"ref"}, rows);
  });
}

}  // namespace

void add_incident(CLI::App& app, Call& call) {
  CLI::App* incident = app.add_subcommand("incident", "what people decide about");
  incident->require_subcommand(1)->fallthrough();
  auto words = std::make_shared<Words>();
  const auto verb = [&](const char* name, const char* about, bool takes_id, std::function<Ending()> action) {
    CLI::App* sub = incident->add_subcommand(name, about)->fallthrough();
    if (takes_id) sub->add_option("incident", words->id, "its id, or the first digits of it")->required();
    sub->callback([&call, action = std::move(action)] { call.action = action; });
    return sub;
  };
  CLI::App* sub = verb("list", "incidents", false, [&call, words] { return list(call, *words); });
  sub->add_option("--state", words->states, "only those in this state; repeats");
  sub->add_option("--limit", words->limit, "at most so many");
  verb("show", "one incident: people, clocks, rounds, duties", true, [&call, words] { return plain<v1::GetIncidentRequest>(call, "GetIncident", *words); });
  sub = verb("confirm", "it is real: starts the legal clocks", true, [&call, words] { return confirm(call, *words); });
  sub->add_option("--aware-at", words->aware_at, "when the organisation became aware (RFC 3339, with zone)")->required();
  sub->add_option("--evidence", words->evidence, "what you rely on, in words")->required();
  sub = verb("dismiss", "it is not real", true, [&call, words] { return with_reason<v1::DismissIncidentRequest>(call, "DismissIncident", *words); });
  sub->add_option("--reason", words->reason, "why, in words")->required();
  sub = verb("contain", "the access is stopped: the affected set no longer grows", true,
             [&call, words] { return with_reason<v1::ContainIncidentRequest>(call, "ContainIncident", *words); });
  sub->add_option("--reason", words->reason, "what was done, in words")->required();
  verb("propose", "freeze a new round for the people who joined since the last one", true,
       [&call, words] { return plain<v1::ProposeRoundRequest>(call, "ProposeRound", *words); });
  sub = verb("approve", "agree to a round: its people, text and channels", true, [&call, words] { return approve(call, *words); });
  sub->add_option("--round", words->round, "its number (else the newest)");
  sub->add_option("--binding", words->binding, "what you saw in `tocsin notice preview`");
  verb("affected", "the refs of all affected people", true, [&call, words] { return affected(call, *words); });
}

}  // namespace tocsin::cli
