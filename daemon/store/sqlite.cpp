// sqlite.cpp: the only file that calls SQLite.
#include "daemon/store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "daemon/base/promise.h"

namespace tocsin::store {
namespace {

/// A cached statement goes back clean, whatever happens between.
class InUse {
 public:
  explicit InUse(sqlite3_stmt* statement) : statement_(statement) {}
  ~InUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  sqlite3_stmt* statement_;
};

/// SQLite would create the file readable by everyone; the WAL takes over the mode of the file.
Result<void> create_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unavailable(fmt::format("cannot open the store {}: {}", path, std::strerror(errno)));
  ::close(fd);
  return {};
}

}  // namespace

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::text(int column) const {
  const void* at = sqlite3_column_blob(statement_, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return at == nullptr ? std::string() : std::string(static_cast<const char*>(at), length);
}

bool Row::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool read_only) {
  const bool memory = path == ":memory:";
  if (!memory && !read_only) TOCSIN_TRY(create_private(path));
  sqlite3* db = nullptr;
  const int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX;
  const int rc = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(db));
  if (rc != SQLITE_OK) return unavailable(fmt::format("cannot open the store {}: {}", path, sqlite3_errstr(rc)));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 10'000);
  // secure_delete: a destroyed incident key must not live on in a free page. trusted_schema: nothing in the file may call code.
  TOCSIN_TRY(connection->script("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON; PRAGMA synchronous=FULL;"));
  if (!memory && !read_only) {
    std::string mode;
    TOCSIN_TRY(connection->each("PRAGMA journal_mode=WAL", {}, [&mode](const Row& row) -> Result<void> {
      mode = row.text(0);
      return {};
    }));
    if (mode != "wal") return unavailable(fmt::format("the store {} cannot use a write-ahead log here: is it on a network disk?", path));
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Failure Connection::failure(const std::string& sql) const {
  const int code = sqlite3_extended_errcode(db_);
  const std::string text = fmt::format("the store failed: {} (code {}) in `{}`", sqlite3_errmsg(db_), code, sql.substr(0, 120));
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_READONLY: return refused(text);
    default: return unavailable(text);
  }
}

Result<void> Connection::script(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure(sql);
  return {};
}

Result<sqlite3_stmt*> Connection::prepare(const std::string& sql, Args args) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr &&
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return failure(sql);
  TOCSIN_ASSERT(!sqlite3_stmt_busy(statement));  // The same query inside its own visit would spoil both.
  int index = 0;
  for (const Arg& arg : args) {
    ++index;
    int rc = SQLITE_OK;
    const char* at = arg.bytes.data() == nullptr ? "" : arg.bytes.data();
    switch (arg.kind) {
      case Arg::Kind::integer: rc = sqlite3_bind_int64(statement, index, arg.number); break;
      case Arg::Kind::text: rc = sqlite3_bind_text64(statement, index, at, arg.bytes.size(), SQLITE_STATIC, SQLITE_UTF8); break;
      case Arg::Kind::blob: rc = sqlite3_bind_blob64(statement, index, at, arg.bytes.size(), SQLITE_STATIC); break;
    }
    if (rc != SQLITE_OK) return failure(sql);
  }
  TOCSIN_ASSERT(index == sqlite3_bind_parameter_count(statement));
  return statement;
}

Result<std::int64_t> Connection::run(const std::string& sql, Args args) {
  TOCSIN_ASSIGN(sqlite3_stmt * statement, prepare(sql, args));
  const InUse in_use(statement);
  int rc = sqlite3_step(statement);
  while (rc == SQLITE_ROW) rc = sqlite3_step(statement);
  if (rc != SQLITE_DONE) return failure(sql);
  return sqlite3_changes64(db_);
}

Result<void> Connection::each(const std::string& sql, Args args, const std::function<Result<void>(const Row&)>& visit) {
  TOCSIN_ASSIGN(sqlite3_stmt * statement, prepare(sql, args));
  const InUse in_use(statement);
  while (true) {
    const int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE) return {};
    if (rc != SQLITE_ROW) return failure(sql);
    TOCSIN_TRY(visit(Row(statement)));
  }
}

Result<std::vector<std::string>> Connection::plans() {
  std::vector<std::string> found;
  std::vector<std::string> texts;
  for (const auto& [sql, statement] : statements_) texts.push_back(sql);
  for (const std::string& sql : texts) {
    sqlite3_stmt* explain = nullptr;
    if (sqlite3_prepare_v2(db_, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &explain, nullptr) != SQLITE_OK) return failure(sql);
    std::string plan = sql;
    while (sqlite3_step(explain) == SQLITE_ROW) plan += "\n  " + Row(explain).text(3);
    sqlite3_finalize(explain);
    found.push_back(std::move(plan));
  }
  return found;
}

Result<std::int64_t> Connection::number(const std::string& sql, Args args) {
  std::int64_t found = 0;
  bool first = true;
  TOCSIN_TRY(each(sql, args, [&](const Row& row) -> Result<void> {
    if (std::exchange(first, false)) found = row.integer(0);
    return {};
  }));
  return found;
}

}  // namespace tocsin::store
