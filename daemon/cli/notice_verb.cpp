// notice_verb.cpp: `tocsin notice preview|status|stop`.
#include <CLI/CLI.hpp>

#include "daemon/cli/client.h"
#include "daemon/cli/words.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string incident, channel, locale, reason;
  std::uint32_t round = 0, limit = 0;
  bool html = false;
};

Ending preview(const Call& call, const Words& words) {
  v1::PreviewNoticeRequest request;
  request.set_incident_id(words.incident);
  request.set_round(words.round);
  request.set_channel(words.channel);
  request.set_locale(words.locale);
  return ask<v1::PreviewNoticeResponse>(call, "PreviewNotice", request, [&](const v1::PreviewNoticeResponse& answer) -> Ending {
    Output output = call.output();
    if (words.html) {
      output.out << answer.html() << "\n";
      return {};
    }
    std::vector<std::pair<std::string, std::string>> facts = {{"recipients", std::to_string(answer.recipients())}};
    for (const auto& [channel, count] : std::map<std::string, std::int64_t>(answer.by_channel().begin(), answer.by_channel().end())) {
      facts.emplace_back("by " + channel, std::to_string(count));
    }
    facts.emplace_back("binding", answer.binding());
    for (const std::string& problem : answer.problems()) facts.emplace_back("problem", problem);
    facts.emplace_back("subject", answer.subject());
    if (output.format != Format::table) facts.emplace_back("text", answer.text());
    print_facts(output, answer, facts);
    if (output.format == Format::table) output.out << "\n" << answer.text() << "\n";
    // What would block approval is a negative answer, so that a script notices.
    return {answer.problems().empty() ? ExitCode::ok : ExitCode::negative, {}, {}};
  });
}

Ending status(const Call& call, const Words& words) {
  v1::ListNoticesRequest request;
  request.set_incident_id(words.incident);
  request.set_round(words.round);
  request.set_limit(words.limit);
  return ask<v1::ListNoticesResponse>(call, "ListNotices", request, [&](const v1::ListNoticesResponse& answer) {
    Output output = call.output();
    print_list<v1::Notice>(output, answer, answer.notices(),
                           {{"notice", [](const auto& n) { return n.notice_id(); }},
                            {"incident", [](const auto& n) { return n.incident_id(); }},
                            {"purpose", [](const auto& n) { return n.purpose(); }},
                            {"round", [](const auto& n) { return std::to_string(n.round()); }},
                            {"channel", [](const auto& n) { return n.channel(); }},
                            {"state", [](const auto& n) { return state_text(n.state()); }},
                            {"attempts", [](const auto& n) { return std::to_string(n.attempts()); }},
                            {"settled_at", [](const auto& n) { return time_text(n.settled_at()); }},
                            {"detail", [](const auto& n) { return (n.possible_duplicate() ? "possible duplicate; " : "") + n.detail(); }}});
    if (output.format != Format::table) return;
    std::string counts;
    for (const auto& [state, count] : std::map<std::string, std::int64_t>(answer.by_state().begin(), answer.by_state().end())) {
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, state);
    }
    output.err << (counts.empty() ? "no notices" : counts) << "\n";
  });
}

Ending stop(const Call& call, const Words& words) {
  v1::StopNoticesRequest request;
  request.set_incident_id(words.incident);
  request.set_round(words.round);
  request.set_reason(words.reason);
  return ask<v1::StopNoticesResponse>(call, "StopNotices", request, [&](const v1::StopNoticesResponse& answer) {
    Output output = call.output();
    print_facts(output, answer, {{"stopped", std::to_string(answer.stopped())}, {"already_sent", std::to_string(answer.already_sent())}});
  });
}

}  // namespace

void add_notice(CLI::App& app, Call& call) {
  CLI::App* notice = app.add_subcommand("notice", "messages to people");
  notice->require_subcommand(1)->fallthrough();
  auto words = std::make_shared<Words>();
  const auto add = [&](const char* name, const char* about, Ending (*action)(const Call&, const Words&)) {
    CLI::App* sub = notice->add_subcommand(name, about)->fallthrough();
    sub->add_option("--round", words->round, "number of the round (else the newest; for status: all)");
    sub->callback([&call, words, action] { call.action = [&call, words, action] { return action(call, *words); }; });
    return sub;
  };
  CLI::App* sub = add("preview", "exactly what would be sent, to how many, by which channel", preview);
  sub->add_option("incident", words->incident, "the incident's id")->required();
  sub->add_option("--channel", words->channel, "name or type of the channel (else the first of the chain)");
  sub->add_option("--locale", words->locale, "zh-CN or en (else the playbook's)");
  sub->add_flag("--html", words->html, "print the HTML part only");
  sub = add("status", "what became of the notices", status);
  sub->add_option("incident", words->incident, "the incident's id (else all)");
  sub->add_option("--limit", words->limit, "at most so many");
  sub = add("stop", "stop a round: what has not left stays here", stop);
  sub->add_option("incident", words->incident, "the incident's id")->required();
  sub->add_option("--reason", words->reason, "why, in words")->required();
}

}  // namespace tocsin::cli
