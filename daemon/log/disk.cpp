// disk.cpp: POSIX calls with their short reads, interrupts and errors.
#include "daemon/log/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tocsin::log {

Disk::Disk() : write(::write), read(::read), sync(::fdatasync) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

void Descriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Failure disk_failure(std::string_view doing, const std::string& path, int error) {
  std::string text = fmt::format("{} {}: {}", doing, path, std::strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return unavailable(text + " (free some space; work goes on by itself then)");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return unavailable(std::move(text));
    default:
      return refused(std::move(text));
  }
}

Result<Descriptor> open_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return disk_failure("opening", path, errno);
  return Descriptor(fd);
}

Result<std::string> read_whole(const Disk& disk, const std::string& path) {
  TOCSIN_ASSIGN(const Descriptor file, open_file(path, O_RDONLY));
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return disk_failure("looking at", path, errno);
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = disk.read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_failure("reading", path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<void> sync_folder(const Disk& disk, const std::string& folder) {
  TOCSIN_ASSIGN(const Descriptor at, open_file(folder, O_RDONLY | O_DIRECTORY));
  if (disk.sync(at.get()) != 0) return disk_failure("syncing folder", folder, errno);
  return {};
}

}  // namespace tocsin::log
