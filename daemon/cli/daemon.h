// daemon.h: the running program: every room of the house, wired together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/result.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin::cli {

/// What the daemon lives in. References must outlive it.
struct DaemonWorld {
  const Clock& clock;
  Log& log;
  std::string installed_pack;   ///< For what the configured rules do not bring along.
};

/// Up from start() to its end. Detection recovers in a thread of its own, so that /readyz can say so meanwhile.
class Daemon {
 public:
  /// bad_input: configuration, rules or contacts. refused: the state folder is in use, of another version, or its keys are
  /// gone; a bind that strangers could reach. unavailable: the disk, or a port that is taken.
  static Result<std::unique_ptr<Daemon>> start(v1::Config config, DaemonWorld world);
  /// Stops reading, commits and snapshots what was read, lets the courier finish what is in its hands, then closes the doors.
  ~Daemon();

  /// Reads rules and placeholders again, all or none (see LiveRules::reload()). From any thread.
  Result<void> reload_rules();

  /// Why detection ended for good, or nothing while it runs.
  Result<void> health() const;
  bool ready() const { return not_ready().empty(); }
  std::vector<std::string> not_ready() const;
  /// Every source has given all it ever will, and it is committed.
  bool exhausted() const;

  std::string http_address() const;   ///< With the port that the system chose.
  int grpc_port() const;              ///< 0 without a TCP listener.
  std::string socket_path() const;

 private:
  struct Body;
  explicit Daemon(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tocsin::cli
