// disk.h: the few file calls of the log, passed in so that a test can make the disk fail.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "daemon/base/result.h"

namespace tocsin::log {

/// Defaults are the system's calls; an error is −1 with errno, as there.
struct Disk {
  std::function<ssize_t(int fd, const void* bytes, std::size_t count)> write;
  std::function<ssize_t(int fd, void* bytes, std::size_t count)> read;
  std::function<int(int fd)> sync;
  Disk();
};

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_;
};

/// Errors name the path and what the system said: out of space and files is unavailable, everything else refused.
Failure disk_failure(std::string_view doing, const std::string& path, int error);

Result<Descriptor> open_file(const std::string& path, int flags);
/// Everything from the file's beginning; short reads are gone on with.
Result<std::string> read_whole(const Disk& disk, const std::string& path);
/// Makes creations and removals in a folder durable.
Result<void> sync_folder(const Disk& disk, const std::string& folder);

}  // namespace tocsin::log
