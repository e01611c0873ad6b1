// sqlite.h: a connection and its statements; sqlite.cpp is the only file that knows the library.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "daemon/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tocsin::store {

/// Bytes, as opposed to text.
struct Blob {
  explicit Blob(std::string_view b) : bytes(b) {}
  explicit Blob(const Id128& id) : bytes(id.view()) {}
  std::string_view bytes;
};

/// One bound value. Lives only as long as the call that it is passed to.
struct Arg {
  enum class Kind : std::uint8_t { integer, text, blob };
  Arg(std::int64_t v) : kind(Kind::integer), number(v) {}
  Arg(int v) : kind(Kind::integer), number(v) {}
  Arg(std::uint32_t v) : kind(Kind::integer), number(v) {}
  Arg(std::uint64_t v) : kind(Kind::integer), number(static_cast<std::int64_t>(v)) {}  // Bits are kept, and read back as such.
  Arg(Instant v) : kind(Kind::integer), number(micros_of(v)) {}
  Arg(std::string_view v) : kind(Kind::text), bytes(v) {}
  Arg(const std::string& v) : kind(Kind::text), bytes(v) {}
  Arg(const char* v) : kind(Kind::text), bytes(v) {}
  Arg(Blob v) : kind(Kind::blob), bytes(v.bytes) {}
  Kind kind;
  std::int64_t number = 0;
  std::string_view bytes;
};
using Args = std::initializer_list<Arg>;

/// The current row of a running statement; columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t integer(int column) const;
  std::string text(int column) const;   ///< Text or bytes.
  Instant instant(int column) const { return instant_of(integer(column)); }
  bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// Used by one thread at a time. Statements are prepared once and kept. Every key begins with the tenant, of which SQLite
/// without statistics believes that it narrows a table to ten rows: so statements on large tables name their index.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool read_only);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Several statements without arguments: schema, pragmas, BEGIN and COMMIT.
  Result<void> script(const std::string& sql);
  /// One statement; how many rows it changed.
  Result<std::int64_t> run(const std::string& sql, Args args);
  /// One query; `visit` sees each row and may stop with an error.
  Result<void> each(const std::string& sql, Args args, const std::function<Result<void>(const Row&)>& visit);
  /// What SQLite would do for each statement prepared so far, for a test that nothing reads a whole table by accident.
  Result<std::vector<std::string>> plans();
  /// The first column of the first row; 0 where there is none.
  Result<std::int64_t> number(const std::string& sql, Args args);

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> prepare(const std::string& sql, Args args);
  Failure failure(const std::string& sql) const;

  sqlite3* db_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace tocsin::store
