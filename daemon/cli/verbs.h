// verbs.h: the table of verbs, and what they have in common.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/proto_yaml.h"
#include "daemon/cli/exit_code.h"
#include "daemon/cli/output.h"

namespace CLI {
class App;
}

namespace tocsin::cli {

/// What a verb may touch of the world.
struct World {
  const Clock& clock;
  std::ostream& out;
  std::ostream& err;
  EnvironmentLookup environment;
  std::size_t width = 0;   ///< Of the terminal; 0 where stdout is none.
};

/// One call of the program: the options that every verb has, and the verb that was chosen.
struct Call {
  explicit Call(World& w) : world(w) {}

  World& world;
  Format format = Format::table;
  std::string config;       ///< tocsin.yml; also tells clients where the socket is.
  std::string socket;
  std::string address;      ///< host:port instead of the socket.
  std::string token_file;
  std::string ca_file;      ///< TLS towards `address`.
  double timeout_seconds = 30;
  std::function<Ending()> action;

  Output output() const { return {world.out, world.err, format, format == Format::table ? world.width : 0}; }
  /// --config, else $TOCSIN_CONFIG, ./tocsin.yml, /etc/tocsin/tocsin.yml: the first that exists, or empty.
  std::string config_path() const;
};

/// Adds a verb with its options to the parser; its callback sets `call.action`. `call` outlives the parser.
using AddVerb = void(CLI::App& app, Call& call);
AddVerb add_alert, add_backtest, add_check, add_deadletters, add_explain, add_incident, add_match, add_notice, add_replay, add_report, add_rules, add_run, add_send,
    add_status, add_test, add_verify, add_version;

struct Verb {
  std::string_view name;
  AddVerb* add;
};

/// Sorted by name.
std::span<const Verb> verbs();

/// Parses and runs. The arguments come without the program's name.
ExitCode run(World& world, std::vector<std::string> arguments);

}  // namespace tocsin::cli
