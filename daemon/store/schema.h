// schema.h: the schema and how an older one becomes the present one.
#pragma once

#include <span>
#include <string>

#include "daemon/base/result.h"
#include "daemon/store/sqlite.h"

namespace tocsin::store {

/// What leads from the version before to `version`.
struct Migration {
  std::int64_t version;
  const char* sql;
};

/// From an empty file (version 1 is schema.sql) to the newest; sorted by version, without holes.
std::span<const Migration> migrations();

/// Runs what is missing, each step in its own transaction. refused where the file belongs to another program or was written
/// by a newer Tocsin; then nothing was touched.
Result<void> migrate(Connection& connection, const std::string& path, std::span<const Migration> steps);

}  // namespace tocsin::store
