// file.h: whole files: reading, replacing them so that a crash leaves the old or the new one, and locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin {

/// The whole file. bad_input where it does not exist, is no file, may not be read, or is longer than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max = SIZE_MAX);

/// Replaces the file in one step: temporary file beside it, fsync, rename, fsync of the folder. After a crash the old text or the
/// new one is there, never a piece. unavailable where the disk says no.
Result<void> write_file(const std::string& path, std::string_view text, unsigned mode = 0644);

/// Makes the folder and those above it (mode 0700 for new ones).
Result<void> make_folder(const std::string& path);

/// A folder of its own below $TMPDIR, removed with all it holds when this goes.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make(std::string_view prefix = "tocsin");
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// An exclusive lock on a file, held until this goes or the process dies. It writes our process id into the file, for people.
class LockFile {
 public:
  /// refused where another process holds it; the text names that process.
  static Result<LockFile> take(const std::string& path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace tocsin
