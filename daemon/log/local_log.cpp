// local_log.cpp: appending and syncing segment files, and what may be cut off after a crash.
#include "daemon/log/local_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>

#include "daemon/base/failpoint.h"
#include "daemon/base/hash.h"
#include "daemon/base/promise.h"
#include "daemon/log/frame.h"

namespace tocsin {
namespace {

using log::Frame;
using log::FrameKind;

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kOpeningBytes = log::frame_bytes(kIdBytes);
constexpr std::size_t kWriteAt = 1U << 20U;  ///< Appended bytes are handed to the kernel in pieces of this size.

/// The id that a segment's opening frame carries; empty where that frame is torn.
Result<std::string> opening_id(std::string_view bytes, const std::string& path, LogOffset base) {
  const std::optional<Frame> opening = log::read_frame(bytes);
  if (!opening) return std::string();
  if (opening->version > log::kFrameVersion) {
    return refused(fmt::format("{} was written by a later version of tocsin (format {}, this one knows {}): run that version",
                               path, opening->version, log::kFrameVersion));
  }
  if (opening->kind != FrameKind::opening || opening->body.size() != kIdBytes || opening->offset != base) {
    return refused(fmt::format("{} does not begin as a segment of the match log at {}: restore the file from a backup", path, base));
  }
  return hex_of(opening->body);
}

Failure corrupt(const std::string& path, std::size_t at, std::string_view why) {
  return refused(fmt::format("the match log is damaged: {} byte {}: {}. Nothing was cut off. Restore the file, or the whole "
                             "state folder, from a backup",
                             path, at, why));
}

/// The frame at file position `at`, if it is whole, belongs there, and is one of ours.
std::optional<Frame> frame_at(std::string_view bytes, std::size_t at, LogOffset base) {
  std::optional<Frame> frame = log::read_frame(bytes.substr(at));
  if (frame && frame->offset != base + (at - kOpeningBytes)) frame.reset();
  return frame;
}

/// True where a valid frame behind `bad` says that `bad` had been durable.
bool was_durable(std::string_view bytes, std::size_t bad, LogOffset base) {
  const std::string magic("TCSN");
  for (std::size_t at = bytes.find(magic, bad + 1); at != std::string_view::npos; at = bytes.find(magic, at + 1)) {
    const std::optional<Frame> frame = frame_at(bytes, at, base);
    if (frame && frame->durable > base + (bad - kOpeningBytes)) return true;
  }
  return false;
}

}  // namespace

std::string LocalLog::path_of(LogOffset base) const { return fmt::format("{}/{:020}.seg", settings_.folder, base); }

Failure LocalLog::fail_for_good(Failure failure) {
  failure_ = failure.value().text;
  return failure;
}

Result<std::unique_ptr<LocalLog>> LocalLog::open(LocalLogSettings settings) {
  std::unique_ptr<LocalLog> log(new LocalLog(std::move(settings)));
  const std::string& folder = log->settings_.folder;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return log::disk_failure("creating", folder, errno);
  TOCSIN_ASSIGN(log->lock_, log::open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::flock(log->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return refused(fmt::format("the match log {} is in use by another process", folder));
  }
  TOCSIN_TRY(log->list_segments());
  if (!log->segments_.empty()) TOCSIN_TRY(log->check_chain());
  if (!log->segments_.empty()) {
    TOCSIN_TRY(log->open_last());
  }
  if (log->segments_.empty()) {
    log->id_ = hex_of(random_bytes(kIdBytes));
    TOCSIN_TRY(log->start_segment());
  }
  return log;
}

Result<void> LocalLog::list_segments() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(settings_.folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".seg")) continue;
    LogOffset base = 0;
    const auto [stop, fault] = std::from_chars(name.data(), name.data() + name.size() - 4, base);
    if (fault != std::errc() || stop != name.data() + name.size() - 4) continue;
    segments_.push_back({entry.path().string(), base});
  }
  if (error) return log::disk_failure("listing", settings_.folder, error.value());
  std::sort(segments_.begin(), segments_.end(), [](const Segment& a, const Segment& b) { return a.base < b.base; });
  return {};
}

/// Segments are synced before the next one begins, so every one but the last must have exactly its length.
Result<void> LocalLog::check_chain() {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    struct stat about {};
    if (::stat(segment.path.c_str(), &about) != 0) return log::disk_failure("looking at", segment.path, errno);
    const auto size = static_cast<std::uint64_t>(about.st_size);
    const bool last = i + 1 == segments_.size();
    if (!last && size != kOpeningBytes + (segments_[i + 1].base - segment.base)) {
      return corrupt(segment.path, size, fmt::format("the next segment begins at {}, so {} bytes were expected", segments_[i + 1].base,
                                                     kOpeningBytes + (segments_[i + 1].base - segment.base)));
    }
    TOCSIN_ASSIGN(const log::Descriptor file, log::open_file(segment.path, O_RDONLY));
    std::array<char, kOpeningBytes> head{};
    const ssize_t got = ::pread(file.get(), head.data(), head.size(), 0);
    if (got < 0) return log::disk_failure("reading", segment.path, errno);
    TOCSIN_ASSIGN(const std::string id, opening_id({head.data(), static_cast<std::size_t>(got)}, segment.path, segment.base));
    if (id.empty() && last && size <= kOpeningBytes) {
      // The crash came while this segment was born: nothing in it was ever durable.
      if (::unlink(segment.path.c_str()) != 0) return log::disk_failure("removing", segment.path, errno);
      segments_.pop_back();
      return log::sync_folder(settings_.disk, settings_.folder);
    }
    if (id.empty()) return corrupt(segment.path, 0, "the opening frame is unreadable");
    if (!id_.empty() && id != id_) {
      return refused(fmt::format("{} belongs to another match log ({}, not {}): two state folders were mixed", segment.path, id, id_));
    }
    id_ = id;
  }
  return {};
}

Result<void> LocalLog::open_last() {
  const Segment& last = segments_.back();
  TOCSIN_ASSIGN(const std::string bytes, log::read_whole(settings_.disk, last.path));
  std::size_t at = kOpeningBytes;
  while (at < bytes.size()) {
    const std::optional<Frame> frame = frame_at(bytes, at, last.base);
    if (!frame) break;
    if (frame->version > log::kFrameVersion) return refused(fmt::format("{} was written by a later version of tocsin: run that version", last.path));
    at += log::frame_bytes(frame->body.size());
  }
  TOCSIN_ASSIGN(file_, log::open_file(last.path, O_WRONLY | O_APPEND));
  if (at < bytes.size()) {
    if (was_durable(bytes, at, last.base)) return corrupt(last.path, at, "a frame that was durable fails its checksum");
    cut_ = bytes.size() - at;
    if (::ftruncate(file_.get(), static_cast<off_t>(at)) != 0) return log::disk_failure("cutting the torn tail of", last.path, errno);
  }
  // The bytes may have been read from a cache that no disk has seen.
  if (settings_.disk.sync(file_.get()) != 0) return log::disk_failure("syncing", last.path, errno);
  durable_ = appended_ = last.base + (at - kOpeningBytes);
  return {};
}

Result<void> LocalLog::start_segment() {
  const std::string path = path_of(durable_);
  TOCSIN_ASSIGN(log::Descriptor file, log::open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND));
  TOCSIN_ASSIGN(const std::string id, bytes_of_hex(id_));
  std::string opening;
  log::append_frame(opening, {.kind = FrameKind::opening, .offset = durable_, .durable = durable_, .body = id});
  std::string_view rest = opening;
  while (!rest.empty()) {
    const ssize_t put = settings_.disk.write(file.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return log::disk_failure("writing", path, errno);
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  if (settings_.disk.sync(file.get()) != 0) return fail_for_good(log::disk_failure("syncing", path, errno));
  TOCSIN_TRY(log::sync_folder(settings_.disk, settings_.folder));
  file_ = std::move(file);
  segments_.push_back({path, durable_});
  return {};
}

Result<void> LocalLog::append(std::string_view frame) {
  if (!failure_.empty()) return refused(failure_);
  if (frame.size() > limits::kFrameBytesMax) {
    return bad_input(fmt::format("a match-log frame of {} bytes is over the limit of {}", frame.size(), limits::kFrameBytesMax));
  }
  log::append_frame(pending_, {.offset = appended_, .durable = durable_, .body = frame});
  appended_ += log::frame_bytes(frame.size());
  // An error here comes up again, and is told, in sync.
  if (pending_.size() >= kWriteAt) static_cast<void>(write_pending());
  return {};
}

Result<void> LocalLog::write_pending() {
  if (!failure_.empty()) return refused(failure_);
  if (pending_.empty()) return {};
  if (!file_.is_open()) TOCSIN_TRY(start_segment());
  std::size_t written = 0;
  while (written < pending_.size()) {
    const ssize_t put = settings_.disk.write(file_.get(), pending_.data() + written, pending_.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const int error = errno;
      // What was written stays; the file is in append mode, so the rest follows it once there is space.
      pending_.erase(0, written);
      Failure failure = log::disk_failure("writing the match log", segments_.back().path, error);
      return failure.value().kind == ErrorKind::unavailable ? failure : fail_for_good(std::move(failure));
    }
    written += static_cast<std::size_t>(put);
  }
  pending_.clear();
  return {};
}

Result<LogOffset> LocalLog::sync() {
  if (!failure_.empty()) return refused(failure_);
  if (appended_ == durable_) return durable_;
  TOCSIN_TRY(write_pending());
  failpoint("log_appended");
  if (settings_.disk.sync(file_.get()) != 0) {
    // The kernel may have dropped the pages and forgotten it: a second fdatasync could answer yes to a hole.
    Error error = log::disk_failure("syncing the match log", segments_.back().path, errno).value();
    return fail_for_good(refused(error.text + "; after a failed sync nobody knows what is on the disk, start tocsin again"));
  }
  durable_ = appended_;
  failpoint("log_synced");
  if (durable_ - segments_.back().base >= settings_.segment_bytes) file_.close();
  return durable_;
}

Result<void> LocalLog::read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) {
  if (!failure_.empty()) return refused(failure_);
  if (from < begin()) {
    return refused(fmt::format("the match log begins at {}, but is needed from {}: its older segments were removed", begin(), from));
  }
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment segment = segments_[i];
    const LogOffset stop = std::min(durable_, i + 1 < segments_.size() ? segments_[i + 1].base : durable_);
    if (stop <= from) continue;
    TOCSIN_ASSIGN(const std::string bytes, log::read_whole(settings_.disk, segment.path));
    std::size_t at = kOpeningBytes + (from > segment.base ? from - segment.base : 0);
    while (segment.base + (at - kOpeningBytes) < stop) {
      const std::optional<Frame> frame = at < bytes.size() ? frame_at(bytes, at, segment.base) : std::nullopt;
      if (!frame || frame->version > log::kFrameVersion) return corrupt(segment.path, at, "no valid frame where one was durable");
      at += log::frame_bytes(frame->body.size());
      TOCSIN_TRY(visit(frame->body, segment.base + (at - kOpeningBytes)));
    }
  }
  return {};
}

Result<void> LocalLog::drop_before(LogOffset offset) {
  bool dropped = false;
  while (segments_.size() > 1 && segments_[1].base <= offset) {
    if (::unlink(segments_.front().path.c_str()) != 0) return log::disk_failure("removing", segments_.front().path, errno);
    segments_.erase(segments_.begin());
    dropped = true;
  }
  if (!dropped) return {};
  return log::sync_folder(settings_.disk, settings_.folder);
}

}  // namespace tocsin
