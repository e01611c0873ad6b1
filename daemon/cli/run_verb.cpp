// run_verb.cpp: `tocsin run`: the daemon until a signal.
#include <csignal>
#include <ctime>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "daemon/base/limits.h"
#include "daemon/cli/config.h"
#include "daemon/cli/daemon.h"
#include "daemon/cli/rule_pack.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/version.h"
#include "daemon/report/artifact.h"

namespace tocsin::cli {
namespace {

/// The signals that mean something to us, blocked in every thread that is made afterwards, so that only `wait` sees them.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGINT);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    std::signal(SIGPIPE, SIG_IGN);   // A peer that hangs up is an error of that connection, not of the process.
  }
  ~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The signal that came within the time, or 0.
  int wait(std::chrono::milliseconds time) const {
    const timespec patience{time.count() / 1000, time.count() % 1000 * 1'000'000};
    const int signal = ::sigtimedwait(&set_, nullptr, &patience);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t set_{}, before_{};
};

constexpr std::chrono::milliseconds kLook{50};

/// Lets the daemon put down what it holds, for less than the ten seconds that service managers grant, or until a second
/// signal. What then still hangs (a broker that does not answer) is left as a crash would leave it, which loses nothing.
void stop(std::unique_ptr<Daemon> daemon, const Signals& signals, Log& log, ExitCode code) {
  std::atomic<bool> down{false};
  std::thread limit([&] {
    for (auto left = limits::kStopWithin; left > kLook; left -= kLook) {
      if (down) return;
      if (const int signal = signals.wait(kLook); signal != 0 && signal != SIGHUP) break;
    }
    if (down) return;
    log.warn("not everything could be put down in time; the next start recovers, as after a crash");
    std::_Exit(static_cast<int>(code));
  });
  daemon.reset();
  down = true;
  limit.join();
}

Ending run(const Call& call, bool until_exhausted) {
  const std::string path = call.config_path();
  if (path.empty()) return {ExitCode::usage, "no configuration", "say --config FILE, or put a tocsin.yml here"};
  auto config = load_config(path, call.world.environment);
  if (!config) return ending_of(config.error());
  const auto level = log_level_of(config->log().level());
  if (!level) return ending_of(level.error());
  Log log(call.world.clock, {.level = *level, .json = config->log().format() == "json", .instead = {}});
  report::ready_process();
  const Signals signals;
  log.info("tocsin starts", {{"version", kVersion}, {"config", path}, {"state_dir", config->state_dir()}});
  auto daemon = Daemon::start(std::move(*config), {.clock = call.world.clock, .log = log, .installed_pack = installed_pack()});
  if (!daemon) return ending_of(daemon.error());
  for (;;) {
    const int signal = signals.wait(std::chrono::milliseconds(200));
    if (signal == SIGHUP) {
      // What went wrong is in the log; those in use stay.
      static_cast<void>((*daemon)->reload_rules());
    } else if (signal != 0) {
      log.info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
      const ExitCode code = signal == SIGINT ? ExitCode::interrupted : ExitCode::ok;
      stop(std::move(*daemon), signals, log, code);
      log.info("stopped");
      return {code, {}, {}};
    }
    if (const auto health = (*daemon)->health(); !health) return ending_of(health.error());
    if (until_exhausted && (*daemon)->exhausted()) {
      log.info("every source is at its end");
      return {};
    }
  }
}

}  // namespace

void add_run(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("run", "the daemon, until SIGTERM or Ctrl-C; SIGHUP reloads the rules")->fallthrough();
  auto until_exhausted = std::make_shared<bool>(false);
  sub->add_flag("--until-exhausted", *until_exhausted, "end when every source (file) has given all it has");
  sub->callback([&call, until_exhausted] { call.action = [&call, until_exhausted] { return run(call, *until_exhausted); }; });
}

}  // namespace tocsin::cli
