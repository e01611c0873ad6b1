// report_verb.cpp: `tocsin report show`: the regulator's artifact as JSON and PDF files.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "daemon/base/file.h"
#include "daemon/cli/client.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string incident, jurisdiction, language = "zh-CN", phase = "initial", folder = ".";
};

Ending show(const Call& call, const Words& words) {
  v1::RenderReportRequest request;
  request.set_incident_id(words.incident);
  request.set_jurisdiction(words.jurisdiction);
  request.set_language(words.language);
  request.set_phase(words.phase);
  return ask<v1::RenderReportResponse>(call, "RenderReport", request, [&](const v1::RenderReportResponse& answer) -> Ending {
    const std::filesystem::path folder = std::filesystem::absolute(words.folder).lexically_normal();
    if (auto made = make_folder(folder.string()); !made) return ending_of(made.error());
    const std::string stem = fmt::format("{}-{}-{}-{}", answer.report().incident_id(), words.jurisdiction, words.phase, words.language);
    const std::string json = (folder / (stem + ".json")).string(), pdf = (folder / (stem + ".pdf")).string();
    // Only the owner: a report is confidential until it is filed.
    if (auto written = write_file(json, answer.json(), 0600); !written) return ending_of(written.error());
    if (auto written = write_file(pdf, answer.pdf(), 0600); !written) return ending_of(written.error());
    Output output = call.output();
    print_facts(output, answer.report(), {{"report", answer.report().report_id()}, {"title", answer.report().title()}, {"json", json}, {"pdf", pdf}});
    return {};
  });
}

}  // namespace

void add_report(CLI::App& app, Call& call) {
  CLI::App* report = app.add_subcommand("report", "what a regulator receives");
  report->require_subcommand(1)->fallthrough();
  auto words = std::make_shared<Words>();
  CLI::App* sub = report->add_subcommand("show", "render one incident's report; writes a JSON and a PDF file")->fallthrough();
  sub->add_option("incident", words->incident, "the incident's id")->required();
  sub->add_option("--jurisdiction", words->jurisdiction, "for example cn or eu-gdpr")->required();
  sub->add_option("--language", words->language, "zh-CN or en")->capture_default_str();
  sub->add_option("--phase", words->phase, "initial, supplement or final")->capture_default_str()->check(CLI::IsMember({"initial", "supplement", "final"}));
  sub->add_option("--folder", words->folder, "where the files go")->capture_default_str();
  sub->callback([&call, words] { call.action = [&call, words] { return show(call, *words); }; });
}

}  // namespace tocsin::cli
