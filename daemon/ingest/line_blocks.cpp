// line_blocks.cpp: one buffer: the rest of the last line moves to its front, and the next block is read behind it.
#include "daemon/ingest/line_blocks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

constexpr std::size_t kReadBytes = 1U << 20U;   // A call into the kernel for each would cost more than the lines.
constexpr std::size_t kRoom = limits::kEventBytesMax + 1 + kReadBytes;

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace

Result<LineBlocks> LineBlocks::open(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return bad_input(fmt::format("{}: {}", path, std::strerror(errno)));
  LineBlocks out(path, fd);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return bad_input(fmt::format("{}: {}", shown(path), std::strerror(errno)));
  if (S_ISDIR(about.st_mode)) return bad_input(fmt::format("{} is a folder; name the files in it", path));
  if (S_ISREG(about.st_mode)) {
    out.size_ = about.st_size;
    out.written_ = instant_of(about.st_mtim.tv_sec * 1'000'000 + about.st_mtim.tv_nsec / 1000);
  }
  return out;
}

LineBlocks::LineBlocks(std::string path, int fd) : path_(std::move(path)), fd_(fd), bytes_(new char[kRoom + kPadding]()) {}

LineBlocks::LineBlocks(LineBlocks&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), bytes_(std::move(other.bytes_)), begin_(other.begin_), end_(other.end_),
      searched_(other.searched_), ended_(other.ended_), skipping_(other.skipping_), number_(other.number_), bytes_read_(other.bytes_read_),
      size_(other.size_), written_(other.written_) {}

LineBlocks::~LineBlocks() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

Result<bool> LineBlocks::fill() {
  if (ended_) return false;
  std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
  searched_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd_, bytes_.get() + end_, kRoom - end_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return unavailable(fmt::format("reading {} behind line {}: {}", shown(path_), number_, std::strerror(errno)));
  if (bytes_read_ == 0 && got >= 3 && std::memcmp(bytes_.get(), "\xEF\xBB\xBF", 3) == 0) begin_ = searched_ = 3;
  bytes_read_ += got;
  end_ += static_cast<std::size_t>(got);
  ended_ = got == 0;
  return !ended_ || begin_ < end_;
}

bool LineBlocks::next(std::string_view& line) {
  for (;;) {
    const char* const from = bytes_.get() + searched_;
    const auto* const stop = static_cast<const char*>(std::memchr(from, '\n', end_ - searched_));
    if (stop == nullptr) {
      searched_ = end_;
      if (skipping_) begin_ = end_;
      if (begin_ == end_) return false;
      const std::size_t length = end_ - begin_;
      if (length > limits::kEventBytesMax) {
        line = {bytes_.get() + begin_, limits::kEventBytesMax + 1};
        skipping_ = true;
        begin_ = end_;
        ++number_;
        return true;
      }
      if (!ended_) return false;
      line = {bytes_.get() + begin_, length};
      begin_ = end_;
      ++number_;
      return true;
    }
    const auto after = static_cast<std::size_t>(stop - bytes_.get());
    const std::string_view found(bytes_.get() + begin_, after - begin_);
    begin_ = searched_ = after + 1;
    if (std::exchange(skipping_, false)) continue;
    line = found;
    ++number_;
    return true;
  }
}

}  // namespace tocsin::ingest
