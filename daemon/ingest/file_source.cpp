// file_source.cpp: lines as records, from descriptors that are asked before they are read.
#include "daemon/ingest/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

constexpr std::size_t kKept = limits::kEventBytesMax + 1;   // One too many, so that the decoder sees it.
constexpr std::size_t kReadBytes = 256U << 10U;

/// Errors after which the same read may succeed: a disk or a network file system that hiccups.
bool passes(int error) { return error == EIO || error == ENOMEM || error == ENOBUFS || error == ETIMEDOUT || error == ESTALE; }

}  // namespace

FileSource::Descriptor::~Descriptor() {
  if (owned_) ::close(number_);
}

FileSource::FileSource(std::string name, std::vector<std::string> paths) : name_(std::move(name)) {
  for (std::string& path : paths) parts_.emplace_back().path = std::move(path);
}

Result<std::vector<StartAt>> FileSource::open(const std::vector<StartAt>& stored) {
  std::vector<StartAt> starts;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    TOCSIN_TRY(open_part(part));
    starts.push_back({static_cast<std::int32_t>(i), 0});
    for (const StartAt& at : stored) {
      if (at.partition != starts.back().partition) continue;
      if (part.live && at.place() > 0) {
        const std::string what = part.path == "-" ? "standard input" : part.path;
        return refused(fmt::format("source `{}`: {} cannot be read again: {} lines were read before. To read it as a new source, give it a new name",
                                   name_, what, at.place()));
      }
      TOCSIN_TRY(skip(part, at.next));
      starts.back().next = at.next;
    }
  }
  return starts;
}

Result<void> FileSource::open_part(Part& part) const {
  Part opened;
  opened.path = part.path;
  if (part.path == "-") {
    opened.in = Descriptor(STDIN_FILENO, false);
  } else {
    // Not blocking: a named pipe without a writer would hold us here.
    opened.in = Descriptor(::open(part.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), true);
    if (opened.in.number() < 0) return bad_input(fmt::format("source `{}`: {}: {}", name_, part.path, std::strerror(errno)));
  }
  struct stat about {};
  if (::fstat(opened.in.number(), &about) != 0) return bad_input(fmt::format("source `{}`: {}: {}", name_, part.path, std::strerror(errno)));
  if (S_ISDIR(about.st_mode)) return bad_input(fmt::format("source `{}`: {} is a folder; name the files in it", name_, part.path));
  opened.live = part.path == "-" || !S_ISREG(about.st_mode);
  part = std::move(opened);
  return {};
}

Result<void> FileSource::skip(Part& part, std::int64_t next) const {
  while (part.next < next) {
    TOCSIN_ASSIGN(const More more, next_line(part));
    if (more == More::line) continue;
    return refused(fmt::format("source `{}`: {} has {} lines, but {} were read before: it is another file", name_, part.path, part.next, next));
  }
  return {};
}

Result<FileSource::More> FileSource::read_more(Part& part) const {
  if (part.live) {
    pollfd ask{part.in.number(), POLLIN, 0};
    if (::poll(&ask, 1, 0) <= 0) return More::nothing_yet;
  }
  part.ahead.resize(kReadBytes);
  part.taken = 0;
  const ssize_t got = ::read(part.in.number(), part.ahead.data(), part.ahead.size());
  const int error = errno;
  part.ahead.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) return More::line;
  if (got == 0) return More::end;
  if (error == EAGAIN || error == EINTR) return More::nothing_yet;
  const std::string text = fmt::format("source `{}`: reading {} behind line {}: {}", name_, part.path == "-" ? "standard input" : part.path, part.next, std::strerror(error));
  if (passes(error)) return unavailable(text);
  return refused(text);
}

Result<FileSource::More> FileSource::next_line(Part& part) const {
  if (part.ended) return More::end;
  if (!part.begun) {
    part.line.clear();
    part.cut = false;
  }
  for (;;) {
    if (part.taken == part.ahead.size()) {
      TOCSIN_ASSIGN(const More more, read_more(part));
      if (more == More::nothing_yet) return more;
      if (more == More::end) {
        part.ended = true;
        if (!std::exchange(part.begun, false)) return more;
        ++part.next;
        return More::line;
      }
    }
    part.begun = true;
    const std::string_view rest = std::string_view(part.ahead).substr(part.taken);
    const std::size_t newline = rest.find('\n');
    const std::string_view piece = rest.substr(0, newline);
    const std::size_t room = kKept - part.line.size();
    part.line += piece.substr(0, room);
    part.cut |= piece.size() > room;
    if (newline == std::string_view::npos) {
      part.taken = part.ahead.size();
      continue;
    }
    part.taken += newline + 1;
    part.begun = false;
    ++part.next;
    // Of a cut line the return stands in the middle: without it the rest would pass as a whole event.
    if (!part.cut && part.line.ends_with('\r')) part.line.pop_back();
    return More::line;
  }
}

void FileSource::wait_for_input(std::chrono::milliseconds wait) const {
  std::vector<pollfd> ask;
  for (const Part& part : parts_) {
    if (part.live && !part.ended) ask.push_back({part.in.number(), POLLIN, 0});
  }
  ::poll(ask.data(), ask.size(), static_cast<int>(std::max<std::chrono::milliseconds::rep>(wait.count(), 0)));
}

Result<void> FileSource::gather(std::size_t records_max, Batch& batch) {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    while (batch.records.size() < records_max) {
      auto more = next_line(part);
      // What was read before the error is whole: it is given first, and the same read tells the error at the next poll.
      if (!more) return batch.records.empty() ? Result<void>(Failure(std::move(more).error())) : Result<void>();
      if (*more != More::line) break;
      Record& record = batch.records.emplace_back();
      record.position = {name_, static_cast<std::int32_t>(i), part.next - 1};
      record.topic = part.path;
      record.value = std::move(part.line);
      part.line.clear();
    }
  }
  return {};
}

Result<Batch> FileSource::poll(std::size_t records_max, std::chrono::milliseconds wait) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + wait;
  Batch batch;
  for (;;) {
    TOCSIN_TRY(gather(records_max, batch));
    if (!batch.records.empty() || exhausted()) break;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) break;
    wait_for_input(left);   // Half a line wakes us too: then the rest of it is waited for.
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    batch.partitions.push_back({static_cast<std::int32_t>(i), part.next, part.ended ? part.next : -1, part.ended});
  }
  return batch;
}

bool FileSource::exhausted() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.ended; });
}

}  // namespace tocsin::ingest
