// keys.h: the two keys of an installation, made once and never again.
#pragma once

#include <string>

#include "daemon/base/result.h"
#include "daemon/base/secret.h"
#include "daemon/model/subject.h"

namespace tocsin::cli {

struct Keys {
  SubjectKey subject;   ///< state_dir/keys/subject.v1.key
  Secret seal;          ///< state_dir/keys/seal.key
};

/// bad_input where a key is missing or has not 32 bytes; refused where others may read it.
Result<Keys> read_keys(const std::string& state_dir);

/// The same, after making them (0600) in a state folder that has no store yet. Where a store exists a missing key is
/// refused: a new one would make everything sealed unreadable and every person a new one.
Result<Keys> open_keys(const std::string& state_dir);

}  // namespace tocsin::cli
