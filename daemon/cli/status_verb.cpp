// status_verb.cpp: `tocsin status`.
#include <CLI/CLI.hpp>

#include "daemon/cli/client.h"

namespace tocsin::cli {
namespace {

Ending status(const Call& call) {
  return ask<v1::GetStatusResponse>(call, "GetStatus", v1::GetStatusRequest{}, [&](const v1::GetStatusResponse& answer) -> Ending {
    Output output = call.output();
    const Ending ending{answer.ready() ? ExitCode::ok : ExitCode::negative, {}, {}};
    if (output.format == Format::json || output.format == Format::ndjson) {
      print_message(output, answer);
      return ending;
    }
    const std::vector<Column<v1::PartitionStatus>> columns = {
        {"source", [](const auto& p) { return p.source(); }},
        {"partition", [](const auto& p) { return std::to_string(p.partition()); }},
        {"start", [](const auto& p) { return std::to_string(p.start()); }},
        {"next", [](const auto& p) { return std::to_string(p.next()); }},
        {"end", [](const auto& p) { return p.high_watermark() < 0 ? "?" : std::to_string(p.high_watermark()); }},
        {"applied", [](const auto& p) { return std::to_string(p.applied()); }},
        {"late", [](const auto& p) { return std::to_string(p.late()); }},
        {"dead", [](const auto& p) { return std::to_string(p.dead()); }},
        {"gap", [](const auto& p) { return std::to_string(p.gap()); }},
        {"duplicate", [](const auto& p) { return std::to_string(p.duplicate()); }},
        {"balanced", [](const auto& p) { return std::string(p.balanced() ? "yes" : "NO"); }}};
    if (output.format == Format::table) {
      std::vector<std::pair<std::string, std::string>> facts = {
          {"version", answer.version()},
          {"ready", answer.ready() ? "yes" : fmt::format("no: {}", fmt::join(answer.not_ready(), "; "))},
          {"tenant", answer.tenant()},
          {"delivery", answer.delivery_mode()},
          {"rules", fmt::format("{} ({})", answer.rules(), answer.ruleset().substr(0, 12))},
          {"alerts", std::to_string(answer.alerts())},
          {"incidents", std::to_string(answer.incidents())}};
      for (const auto& [state, count] : std::map<std::string, std::int64_t>(answer.notices().begin(), answer.notices().end())) {
        facts.emplace_back("notices " + state, std::to_string(count));
      }
      print_facts(output, answer, facts);
      if (!answer.partitions().empty()) output.out << "\n";
    }
    if (output.format == Format::csv || !answer.partitions().empty()) print_list<v1::PartitionStatus>(output, answer, answer.partitions(), columns);
    return ending;
  });
}

}  // namespace

void add_status(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("status", "how the daemon is, and where each partition stands; 1 where it is not ready")->fallthrough();
  sub->callback([&call] { call.action = [&call] { return status(call); }; });
}

}  // namespace tocsin::cli
