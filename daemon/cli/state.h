// state.h: what lies where in the state folder.
#pragma once

#include <string>
#include <utility>

#include "daemon/base/result.h"

namespace tocsin::cli {

class StatePaths {
 public:
  explicit StatePaths(std::string folder) : folder_(std::move(folder)) {}
  const std::string& folder() const { return folder_; }
  std::string store() const { return folder_ + "/tocsin.db"; }
  std::string log() const { return folder_ + "/log"; }
  std::string snapshots() const { return folder_ + "/snapshots"; }
  std::string checkpoints() const { return folder_ + "/audit.checkpoints"; }
  std::string announcements() const { return folder_ + "/announcements"; }
  std::string socket() const { return folder_ + "/tocsin.sock"; }
  std::string lock() const { return folder_ + "/lock"; }
  std::string format() const { return folder_ + "/FORMAT"; }

 private:
  std::string folder_;
};

/// Makes the folder where it is missing, and its FORMAT marker. refused where the folder holds something else, or the state
/// of a later version.
Result<void> prepare_state(const StatePaths& paths);

}  // namespace tocsin::cli
