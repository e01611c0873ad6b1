// file.cpp: files by POSIX calls, since the standard streams cannot fsync.
#include "daemon/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace tocsin {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { if (fd_ >= 0) ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string why() { return std::strerror(errno); }

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (in.get() < 0) return bad_input(fmt::format("{}: {}", path, why()));
  struct stat state {};
  if (::fstat(in.get(), &state) == 0 && S_ISDIR(state.st_mode)) return bad_input(fmt::format("{}: is a folder", path));
  std::string text;
  std::array<char, 64 * 1024> piece;
  for (;;) {
    const ssize_t n = ::read(in.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return bad_input(fmt::format("{}: {}", path, why()));
    if (n == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(n));
    if (text.size() > bytes_max) return bad_input(fmt::format("{}: longer than {} bytes", path, bytes_max));
  }
}

Result<void> write_file(const std::string& path, std::string_view text, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  Descriptor out(::mkostemp(temporary.data(), O_CLOEXEC));
  const auto failed = [&](std::string_view what) {
    std::string reason = why();
    if (out.get() >= 0) ::unlink(temporary.c_str());
    return unavailable(fmt::format("{}: {}: {}", path, what, reason));
  };
  if (out.get() < 0) return failed("cannot make a file beside it");
  if (::fchmod(out.get(), mode) != 0) return failed("cannot set its mode");
  if (!write_all(out.get(), text)) return failed("cannot write");
  if (::fsync(out.get()) != 0) return failed("cannot sync");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("cannot rename");
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return unavailable(fmt::format("{}: cannot sync its folder: {}", path, why()));
  return {};
}

Result<void> make_folder(const std::string& path) {
  const std::filesystem::path whole(path);
  std::error_code error;
  if (std::filesystem::is_directory(whole, error)) return {};
  if (whole.has_parent_path() && whole.parent_path() != whole) TOCSIN_TRY(make_folder(whole.parent_path().string()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return unavailable(fmt::format("{}: {}", path, why()));
  if (!std::filesystem::is_directory(whole, error)) return bad_input(fmt::format("{}: is not a folder", path));
  return {};
}

Result<TemporaryFolder> TemporaryFolder::make(std::string_view prefix) {
  const char* below = std::getenv("TMPDIR");
  std::string path = fmt::format("{}/{}.XXXXXX", below == nullptr || *below == '\0' ? "/tmp" : below, prefix);
  if (::mkdtemp(path.data()) == nullptr) return unavailable(fmt::format("{}: {}", path, why()));
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<LockFile> LockFile::take(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return unavailable(fmt::format("{}: {}", path, why()));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unavailable(fmt::format("{}: {}", path, why()));
    auto holder = read_file(path, 64);
    while (holder && holder->ends_with('\n')) holder->pop_back();
    return refused(fmt::format("{}: held by process {}", path, holder && !holder->empty() ? *holder : "?"));
  }
  if (::ftruncate(file.get(), 0) != 0 || !write_all(file.get(), fmt::format("{}\n", ::getpid()))) {
    return unavailable(fmt::format("{}: {}", path, why()));
  }
  return LockFile(file.release());
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace tocsin
