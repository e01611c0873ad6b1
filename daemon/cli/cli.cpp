// cli.cpp: from argv to one verb and its exit code.
#include "daemon/cli/cli.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "daemon/cli/verbs.h"

namespace tocsin::cli {
namespace {

constexpr Verb kVerbs[] = {
    {"alert", add_alert}, {"backtest", add_backtest}, {"check", add_check}, {"deadletters", add_deadletters}, {"explain", add_explain},
    {"incident", add_incident}, {"match", add_match}, {"notice", add_notice}, {"replay", add_replay}, {"report", add_report},
    {"rules", add_rules}, {"run", add_run}, {"send", add_send}, {"status", add_status}, {"test", add_test}, {"verify", add_verify},
    {"version", add_version},
};

const std::map<std::string, Format> kFormats = {{"csv", Format::csv}, {"json", Format::json}, {"ndjson", Format::ndjson}, {"table", Format::table}};

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow& row : exit_codes()) text += fmt::format("  {:3}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

/// Formats must be known before a wrong command line is reported in them.
Format format_of(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string word;
    if ((arguments[i] == "--output" || arguments[i] == "-o") && i + 1 < arguments.size()) word = arguments[i + 1];
    if (arguments[i].starts_with("--output=")) word = arguments[i].substr(9);
    if (const auto at = kFormats.find(word); at != kFormats.end()) return at->second;
  }
  return Format::table;
}

std::size_t terminal_width() {
  winsize size{};
  return ::isatty(STDOUT_FILENO) != 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void add_common(CLI::App& app, Call& call) {
  app.add_option("-o,--output", call.format, "table, json, ndjson or csv")->transform(CLI::CheckedTransformer(kFormats))->option_text("FORMAT");
  app.add_option("-c,--config", call.config, "tocsin.yml (else $TOCSIN_CONFIG, ./tocsin.yml, /etc/tocsin/tocsin.yml)")->option_text("FILE");
  app.add_option("--socket", call.socket, "the daemon's Unix socket (else what the configuration says)")->option_text("PATH");
  app.add_option("--address", call.address, "the daemon's host:port instead of its socket")->option_text("HOST:PORT");
  app.add_option("--token-file", call.token_file, "file with the bearer token to act with")->option_text("FILE");
  app.add_option("--ca-file", call.ca_file, "speak TLS to --address and trust these certificates")->option_text("FILE");
  app.add_option("--timeout", call.timeout_seconds, "seconds to wait for the daemon")->check(CLI::Range(0.1, 3600.0))->option_text("SECONDS");
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

std::string Call::config_path() const {
  if (!config.empty()) return config;
  if (const auto named = world.environment("TOCSIN_CONFIG")) return *named;
  std::error_code error;
  for (const char* each : {"tocsin.yml", "/etc/tocsin/tocsin.yml"}) {
    if (std::filesystem::exists(each, error)) return each;
  }
  return {};
}

ExitCode run(World& world, std::vector<std::string> arguments) {
  CLI::App app{"Tocsin watches who touches personal data and tells who must be told.", "tocsin"};
  Call call(world);
  call.format = format_of(arguments);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer());
  add_common(app, call);
  for (const Verb& verb : kVerbs) verb.add(app, call);
  try {
    std::reverse(arguments.begin(), arguments.end());  // The parser takes them from the back.
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* chosen = &app;
    while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
    world.out << chosen->help();
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    Output output = call.output();
    print_error(output, {ExitCode::usage, error.what(), "see `tocsin --help`, or --help behind a verb"});
    return ExitCode::usage;
  }
  const Ending ending = call.action ? call.action() : Ending{ExitCode::usage, "no verb", "see `tocsin --help`"};
  Output output = call.output();
  print_error(output, ending);
  world.out.flush();
  return ending.code;
}

int run(int argc, char** argv) {
  const SystemClock clock;
  World world{clock, std::cout, std::cerr, process_environment, terminal_width()};
  try {
    return static_cast<int>(run(world, std::vector<std::string>(argv + 1, argv + std::max(argc, 1))));
  } catch (const std::exception& error) {
    // A library threw where its own documentation says nothing of it.
    std::cerr << "tocsin: unexpected: " << error.what() << "\n";
    return static_cast<int>(ExitCode::negative);
  }
}

}  // namespace tocsin::cli
