// file_source.h: NDJSON files and standard input: a line is a record, its number − 1 the offset, a file a partition.
#pragma once

#include <fstream>
#include <istream>
#include <memory>

#include "daemon/ingest/source.h"

namespace tocsin::ingest {

/// Reads the files one behind the other within a poll, each from its own place. Empty lines are records too (dead letters),
/// so that offsets are line numbers; a last line without its newline counts. A line over the event limit is given cut to the
/// limit + 1, which the decoder then refuses.
class FileSource final : public Source {
 public:
  /// `paths` in the order of their partitions; `-` is standard input, which cannot be read again from an earlier place.
  FileSource(std::string name, std::vector<std::string> paths);

  const std::string& name() const override { return name_; }
  Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) override;
  Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) override;
  bool exhausted() const override;

 private:
  struct Part {
    std::string path;
    std::ifstream file;
    std::istream* in = nullptr;
    std::int64_t next = 0;
    bool ended = false;
  };
  bool line(Part& part, std::string& out);

  std::string name_;
  std::vector<Part> parts_;
};

}  // namespace tocsin::ingest
