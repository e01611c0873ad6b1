// file_source.cpp: lines as records.
#include "daemon/ingest/file_source.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "daemon/base/limits.h"

namespace tocsin::ingest {

FileSource::FileSource(std::string name, std::vector<std::string> paths) : name_(std::move(name)) {
  for (std::string& path : paths) parts_.emplace_back().path = std::move(path);
}

Result<std::vector<StartAt>> FileSource::open(const std::vector<StartAt>& stored) {
  std::vector<StartAt> starts;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const auto partition = static_cast<std::int32_t>(i);
    part.in = &std::cin;
    part.next = 0;
    part.ended = false;
    if (part.path != "-") {
      std::error_code ignored;
      if (std::filesystem::is_directory(part.path, ignored)) {
        return bad_input(fmt::format("source `{}`: {} is a folder; name the files in it", name_, part.path));
      }
      part.file = std::ifstream(part.path, std::ios::binary);
      if (!part.file) return bad_input(fmt::format("source `{}`: {}: {}", name_, part.path, std::strerror(errno)));
      part.in = &part.file;
    }
    starts.push_back({partition, 0});
    for (const StartAt& at : stored) {
      if (at.partition != partition) continue;
      if (part.path == "-" && at.next > 0) return refused(fmt::format("source `{}`: standard input cannot be read again from line {}", name_, at.next + 1));
      std::string skipped;
      while (part.next < at.next && line(part, skipped)) {
      }
      if (part.next < at.next) {
        return refused(fmt::format("source `{}`: {} has {} lines, but {} were read before: it is another file", name_, part.path, part.next, at.next));
      }
      starts.back().next = at.next;
    }
  }
  return starts;
}

bool FileSource::line(Part& part, std::string& out) {
  out.clear();
  std::streambuf& in = *part.in->rdbuf();
  constexpr std::size_t kKept = limits::kEventBytesMax + 1;
  for (int c = in.sbumpc(); c != std::char_traits<char>::eof(); c = in.sbumpc()) {
    if (c == '\n') {
      ++part.next;
      if (out.ends_with('\r')) out.pop_back();
      return true;
    }
    if (out.size() < kKept) out += static_cast<char>(c);
  }
  part.ended = true;
  if (out.empty()) return false;
  ++part.next;
  return true;
}

Result<Batch> FileSource::poll(std::size_t records_max, std::chrono::milliseconds) {
  Batch batch;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const auto partition = static_cast<std::int32_t>(i);
    while (!part.ended && batch.records.size() < records_max) {
      Record record;
      record.position = {name_, partition, part.next};
      record.topic = part.path;
      if (!line(part, record.value)) break;
      batch.records.push_back(std::move(record));
    }
    batch.partitions.push_back({partition, part.next, part.ended ? part.next : -1, part.ended});
  }
  return batch;
}

bool FileSource::exhausted() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.ended; });
}

}  // namespace tocsin::ingest
