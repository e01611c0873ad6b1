// schema.cpp: the schema's version, kept in the file's header.
#include "daemon/store/schema.h"

#include "daemon/base/promise.h"
#include "tocsin/schema_sql.h"

namespace tocsin::store {
namespace {

/// "TOCS" in SQLite's application_id: `file` and we ourselves can tell whose database this is.
constexpr std::int64_t kApplication = 0x544f4353;

constexpr Migration kMigrations[] = {
    {1, kSchemaSql},
};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(Connection& connection, const std::string& path, std::span<const Migration> steps) {
  TOCSIN_ASSIGN(const std::int64_t application, connection.number("PRAGMA application_id", {}));
  TOCSIN_ASSIGN(const std::int64_t version, connection.number("PRAGMA user_version", {}));
  TOCSIN_ASSIGN(const std::int64_t tables, connection.number("SELECT count(*) FROM sqlite_schema", {}));
  if (application != kApplication && (application != 0 || version != 0 || tables != 0))
    return refused(fmt::format("{} is a database of another program: give Tocsin a state_dir of its own", path));
  const std::int64_t newest = steps.back().version;
  if (version > newest)
    return refused(fmt::format("{} has schema version {}, this Tocsin knows up to {}: start the newer Tocsin, or restore a backup",
                               path, version, newest));
  for (const Migration& step : steps) {
    if (step.version <= version) continue;
    // A crash between two steps leaves a whole older version, never half a step.
    auto done = connection.script(fmt::format("BEGIN EXCLUSIVE; {}\nPRAGMA application_id={}; PRAGMA user_version={}; COMMIT;",
                                              step.sql, kApplication, step.version));
    if (!done) {
      (void)connection.script("ROLLBACK");
      return while_doing(fmt::format("bringing {} to schema version {}", path, step.version), std::move(done).error());
    }
  }
  return {};
}

}  // namespace tocsin::store
