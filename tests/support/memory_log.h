// memory_log.h: a match log in memory whose power can be cut.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/log/match_log.h"

namespace tocsin::testing {

/// What a test's power cut throws; nobody but the test catches it.
struct PowerCut {};

/// The part that survives: give it to the next MemoryLog.
struct MemoryDisk {
  std::string id = identity({"memory log", random_bytes(16)}).hex();
  LogOffset begin = 0;
  std::vector<std::pair<LogOffset, std::string>> durable;  ///< Offset behind the frame, frame.
  std::vector<std::string> unsynced;                       ///< Written to a cache that forgets.
  LogOffset end() const { return durable.empty() ? begin : durable.back().first; }

  /// The power comes back: a prefix of the unsynced frames, of the seed's choice, made it to the plate.
  void restart(std::mt19937_64& random) {
    std::size_t kept = unsynced.empty() ? 0 : random() % (unsynced.size() + 1);
    for (std::string& frame : unsynced) {
      if (kept-- == 0) break;
      durable.emplace_back(end() + frame.size() + 1, std::move(frame));
    }
    unsynced.clear();
  }
};

class MemoryLog : public MatchLog {
 public:
  /// `at` is told every place where the power may go: `frame` behind each append, `log_appended`, `log_synced`.
  explicit MemoryLog(MemoryDisk& disk, std::function<void(std::string_view place)> at = {}) : disk_(disk), at_(std::move(at)) {}

  const std::string& id() const override { return disk_.id; }
  LogOffset end() const override { return disk_.end(); }
  LogOffset begin() const override { return disk_.begin; }

  Result<void> append(std::string_view frame) override {
    if (frame.size() > limits::kFrameBytesMax) return bad_input("a match-log frame is over the limit");
    disk_.unsynced.emplace_back(frame);
    pass("frame");
    return {};
  }

  Result<LogOffset> sync() override {
    if (disk_.unsynced.empty()) return end();
    pass("log_appended");
    make_durable();
    pass("log_synced");
    return end();
  }

  Result<void> read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) override {
    if (from < disk_.begin) return refused("the match log begins later");
    LogOffset at = disk_.begin;
    for (std::size_t i = 0; i < disk_.durable.size(); ++i) {
      const auto& [after, frame] = disk_.durable[i];
      if (std::exchange(at, after) < from) continue;
      TOCSIN_TRY(visit(frame, after));
    }
    return {};
  }

  Result<void> drop_before(LogOffset offset) override {
    while (!disk_.durable.empty() && disk_.durable.front().first <= offset) {
      disk_.begin = disk_.durable.front().first;
      disk_.durable.erase(disk_.durable.begin());
    }
    return {};
  }

 protected:
  void pass(std::string_view place) {
    if (at_) at_(place);
  }
  void make_durable() {
    for (std::string& frame : disk_.unsynced) disk_.durable.emplace_back(end() + frame.size() + 1, std::move(frame));
    disk_.unsynced.clear();
  }
  MemoryDisk& disk_;

 private:
  std::function<void(std::string_view)> at_;
};

}  // namespace tocsin::testing
