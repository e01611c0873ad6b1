// rules_lint.cpp: `tocsin rules lint`: what is wrong or weak in rules, by code.
#include "daemon/cli/rules_lint.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>

#include "daemon/cli/event_reading.h"
#include "daemon/sigma/rule_files.h"
#include "daemon/cli/rows.h"
#include "daemon/ingest/mapping.h"
#include "daemon/sigma/authoring/lint.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin::cli {
namespace {

using sigma::LintFinding;
using sigma::Severity;

struct Words : RuleWords {
  std::vector<std::string> mappings;
  bool shipped = false, codes = false;
  std::string deny;
};

void add_names(const google::protobuf::Descriptor& message, const std::string& prefix, std::set<std::string>& out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *message.field(i);
    const std::string name = prefix + field.name();
    out.insert(name);
    const bool nested = field.message_type() != nullptr && field.message_type()->file() == message.file() && prefix.size() < 64;
    if (nested) add_names(*field.message_type(), name + ".", out);
  }
}

/// What the mappings declare and what their samples show. AccessEvent's names are the fields of our own log source.
Reply<std::vector<std::string>> filled_fields(const std::vector<std::string>& mappings) {
  const auto loaded = load_event_mappings(mappings);
  if (!loaded) return tl::unexpected(loaded.error());
  std::set<std::string> out;
  for (const v1::Mapping& mapping : loaded->all) {
    if (std::find(loaded->chosen.begin(), loaded->chosen.end(), mapping.name()) == loaded->chosen.end()) continue;
    for (const auto& [name, path] : mapping.fields()) out.insert(name);
    for (const v1::Difference& each : mapping.differences()) out.insert(each.target());
    for (const v1::Sample& sample : mapping.samples()) {
      for (const v1::Expected& event : sample.events()) {
        for (const auto& [name, value] : event.fields()) out.insert(name);
      }
    }
    if (mapping.log_source().product() == "tocsin") add_names(*v1::AccessEvent::descriptor(), {}, out);
  }
  return std::vector<std::string>(out.begin(), out.end());
}

Ending print_codes(const Call& call) {
  Rows rows;
  for (const sigma::LintCode& each : sigma::lint_codes()) rows.push_back({std::string(each.code), std::string(name_of(each.severity)), std::string(each.explanation)});
  Output output = call.output();
  print_rows(output, "codes", {{"code"}, {"severity"}, {"explanation"}}, rows);
  return {};
}

void print(const Call& call, const std::vector<LintFinding>& findings) {
  Output output = call.output();
  if (output.format == Format::table) {
    for (const LintFinding& each : findings) {
      output.out << fmt::format("{}:{}:{}: {} {}: {}{}\n", each.file, each.at.line, each.at.column, name_of(each.severity), each.code, each.message,
                                each.hint.empty() ? "" : "; " + each.hint);
    }
    return;
  }
  Rows rows;
  for (const LintFinding& each : findings) {
    rows.push_back({std::string(each.code), std::string(name_of(each.severity)), each.file, std::to_string(each.at.line), std::to_string(each.at.column), each.rule,
                    each.message, each.hint});
  }
  print_rows(output, "findings", {{"code"}, {"severity"}, {"file"}, {"line", true}, {"column", true}, {"rule"}, {"message"}, {"hint"}}, rows);
}

Ending lint(const Call& call, const Words& words) {
  if (words.codes) return print_codes(call);
  const auto paths = detection_paths(words.paths);
  if (!paths) return paths.error();
  auto read = rule_settings(words, pack_placeholders(words.paths));
  if (!read) return ending_of(read.error());
  sigma::LintSettings settings{words.shipped, {}, std::move(read->placeholders)};
  if (!words.mappings.empty()) {
    auto fields = filled_fields(words.mappings);
    if (!fields) return fields.error();
    settings.fields = std::move(*fields);
  }
  std::vector<yaml::File> files;
  std::vector<LintFinding> findings;
  sigma::Faults missing;
  const auto names = sigma::files_of(*paths, missing);
  if (const auto found = missing.outcome(); !found) return ending_of(found.error());
  for (const std::string& path : names) {
    auto file = yaml::load(path);
    if (file) files.push_back(std::move(*file));
    else findings.push_back(sigma::refusal(file.error().text));
  }
  const auto more = sigma::lint(files, settings);
  findings.insert(findings.end(), more.begin(), more.end());
  print(call, findings);
  const auto count = [&](Severity severity) { return std::count_if(findings.begin(), findings.end(), [&](const LintFinding& each) { return each.severity == severity; }); };
  const auto errors = count(Severity::error), warnings = count(Severity::warning), notes = count(Severity::note);
  if (call.format == Format::table) call.world.out << fmt::format("{} files, {} errors, {} warnings, {} notes\n", files.size(), errors, warnings, notes);
  const bool denied = errors > 0 || (!words.deny.empty() && warnings > 0) || (words.deny == "notes" && notes > 0);
  return {denied ? ExitCode::negative : ExitCode::ok, {}, {}};
}

}  // namespace

void add_rules_lint(CLI::App& rules, Call& call) {
  CLI::App* sub = rules.add_subcommand("lint", "what is wrong or weak in rules, by code; 1 where there is an error")->fallthrough();
  auto words = std::make_shared<Words>();
  add_rule_words(*sub, *words, "the installed pack");
  sub->add_option("--mapping", words->mappings, "also find fields that none of these mappings fills; repeats")->allow_extra_args(false);
  sub->add_flag("--shipped", words->shipped, "also demand what Tocsin's own rules must have");
  sub->add_flag("--codes", words->codes, "print the table of codes instead");
  sub->add_option("--deny", words->deny, "end with 1 also where there is a warning, or a note")->check(CLI::IsMember({"warnings", "notes"}))->option_text("warnings|notes");
  sub->callback([&call, words] { call.action = [&call, words] { return lint(call, *words); }; });
}

}  // namespace tocsin::cli
