// snapshot.h: the fold's state in a file, so that recovery reads only the tail of the match log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/secret.h"
#include "daemon/log/disk.h"
#include "daemon/log/match_log.h"
#include "tocsin/v1/checkpoint.pb.h"

namespace tocsin::detect {

/// What was written: goes into the store's row.
struct SavedSnapshot {
  std::string name;
  std::string fingerprint;
};

/// Where recovery may begin.
struct FoundSnapshot {
  std::optional<v1::Checkpoint> newest;   ///< The newest usable one.
  std::vector<std::string> unusable;      ///< Files that cannot be used, each with the reason.
};

/// Which snapshots recovery may use.
struct SnapshotWanted {
  std::string tenant, log_id;
  LogOffset begin = 0;       ///< The log holds nothing below: an older snapshot leads nowhere.
  LogOffset committed = 0;   ///< A newer snapshot would hide effects that the store does not have.
};

/// A folder of `<log offset>.snap`, sealed (group keys name people) and therefore authenticated: a file that does not open,
/// whatever is wrong with it, is listed as unusable and never parsed. Used from one thread.
class Snapshots {
 public:
  /// The key has 32 bytes.
  Snapshots(std::string folder, Secret key, log::Disk disk = {});

  /// Durable when it returns: written beside, synced, renamed, folder synced. unavailable where there is no space.
  Result<SavedSnapshot> save(const v1::Checkpoint& checkpoint) const;
  Result<FoundSnapshot> find(const SnapshotWanted& wanted) const;
  /// Removes all but the newest two (and what a crash left half written), and gives the older one's log offset, below
  /// which nobody needs the log; 0 while there are fewer than two.
  Result<LogOffset> keep_two() const;

 private:
  std::string path_of(LogOffset offset) const;
  Result<std::vector<LogOffset>> offsets() const;   ///< Newest first.
  Result<v1::Checkpoint> load(LogOffset offset) const;

  std::string folder_;
  Secret key_;
  log::Disk disk_;
};

}  // namespace tocsin::detect
