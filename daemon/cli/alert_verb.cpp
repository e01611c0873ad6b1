// alert_verb.cpp: `tocsin alert list`.
#include <CLI/CLI.hpp>

#include "daemon/cli/client.h"
#include "daemon/cli/words.h"

namespace tocsin::cli {

void add_alert(CLI::App& app, Call& call) {
  CLI::App* alert = app.add_subcommand("alert", "what the rules found");
  alert->require_subcommand(1)->fallthrough();
  CLI::App* list = alert->add_subcommand("list", "alerts, by id")->fallthrough();
  auto request = std::make_shared<v1::ListAlertsRequest>();
  auto incident = std::make_shared<std::string>();
  auto limit = std::make_shared<std::uint32_t>(0);
  list->add_option("--incident", *incident, "only those of this incident");
  list->add_option("--limit", *limit, "at most so many");
  list->callback([&call, request, incident, limit] {
    request->set_incident_id(*incident);
    request->set_limit(*limit);
    call.action = [&call, request] {
      return ask<v1::ListAlertsResponse>(call, "ListAlerts", *request, [&](const v1::ListAlertsResponse& answer) {
        Output output = call.output();
        print_list<v1::Alert>(output, answer, answer.alerts(),
                              {{"alert", [](const auto& a) { return a.alert_id(); }},
                               {"incident", [](const auto& a) { return a.incident_id(); }},
                               {"level", [](const auto& a) { return a.level(); }},
                               {"triggered_at", [](const auto& a) { return time_text(a.triggered_at()); }},
                               {"count", [](const auto& a) { return std::to_string(a.count()); }},
                               {"group", [](const auto& a) { return group_text(a.group()); }},
                               {"rule", [](const auto& a) { return a.rule_title(); }}});
      });
    };
  });
}

}  // namespace tocsin::cli
