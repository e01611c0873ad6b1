// checkpoint.cpp: lines of audit.checkpoint.
#include "daemon/casebook/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>

#include "daemon/base/file.h"

namespace tocsin::casebook {
namespace {

std::string signed_part(const store::Checkpoint& checkpoint, std::string_view at) {
  return fmt::format(R"("rows":{},"hash":"{}","at":"{}")", checkpoint.rows, checkpoint.hash, at);
}

std::string line_of(const store::Checkpoint& checkpoint, std::string_view at, const store::Store& store) {
  const std::string body = signed_part(checkpoint, at);
  return fmt::format("{{{},\"mac\":\"{}\"}}\n", body, store.mac("checkpoint\n" + body));
}

/// The text between two marks, or nothing.
std::optional<std::string_view> between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t from = line.find(before);
  if (from == std::string_view::npos) return std::nullopt;
  const std::size_t to = line.find(after, from + before.size());
  if (to == std::string_view::npos) return std::nullopt;
  return line.substr(from + before.size(), to - from - before.size());
}

}  // namespace

Result<Checkpoints> read_checkpoints(const std::string& path, const store::Store& store) {
  Checkpoints found;
  if (!std::filesystem::exists(path)) return found;
  TOCSIN_ASSIGN(const std::string text, read_file(path));
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++number;
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end == std::string::npos ? std::string::npos : end - at + 1);
    at += line.size();
    store::Checkpoint checkpoint;
    const auto rows = between(line, "\"rows\":", ",");
    const auto hash = between(line, "\"hash\":\"", "\"");
    const auto when = between(line, "\"at\":\"", "\"");
    const bool shaped = rows && hash && when && std::from_chars(rows->data(), rows->data() + rows->size(), checkpoint.rows).ec == std::errc();
    if (shaped) checkpoint.hash = *hash;
    // Written again from its parts and compared whole: no byte of the line is left unjudged.
    if (shaped && line_of(checkpoint, *when, store) == line) {
      found.rows.push_back(std::move(checkpoint));
      continue;
    }
    // A power cut may tear a line off; the row it spoke of is judged by the lines behind it and by the chain itself.
    if (!line.ends_with("}\n")) continue;
    if (found.problem.empty()) found.problem = fmt::format("{}:{}: this line was not written by this installation, or was edited", path, number);
  }
  return found;
}

Result<void> append_checkpoint(const std::string& path, const store::Checkpoint& checkpoint, Instant at, const store::Store& store) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unavailable(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  std::string line = line_of(checkpoint, rfc3339(at), store);
  // A torn last line must not swallow this one.
  const off_t size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n') line.insert(line.begin(), '\n');
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fdatasync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) return unavailable(fmt::format("cannot write {}: {}", path, std::strerror(error)));
  return {};
}

}  // namespace tocsin::casebook
