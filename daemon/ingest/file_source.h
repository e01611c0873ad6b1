// file_source.h: NDJSON files and standard input: a line is a record, its number − 1 the offset, a file a partition.
#pragma once

#include "daemon/ingest/source.h"

namespace tocsin::ingest {

/// Reads the files one behind the other within a poll, each from its own place. Empty lines are records too (dead letters),
/// so that offsets are line numbers; a last line without its newline counts. A line over the event limit is given cut to the
/// limit + 1, which the decoder then refuses. Pipes and terminals are live: poll waits for them, and no longer than it is told.
class FileSource final : public Source {
 public:
  /// `paths` in the order of their partitions; `-` is standard input. It and other pipes cannot be read again from an earlier place.
  FileSource(std::string name, std::vector<std::string> paths);

  const std::string& name() const override { return name_; }
  Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) override;
  Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds wait) override;
  bool exhausted() const override;

 private:
  /// Closes what it opened itself: never standard input.
  class Descriptor {
   public:
    Descriptor() = default;
    Descriptor(int number, bool owned) : number_(number), owned_(owned) {}
    Descriptor(Descriptor&& other) noexcept { swap(other); }
    Descriptor& operator=(Descriptor&& other) noexcept {
      swap(other);
      return *this;
    }
    ~Descriptor();
    int number() const { return number_; }

   private:
    void swap(Descriptor& other) {
      std::swap(number_, other.number_);
      std::swap(owned_, other.owned_);
    }
    int number_ = -1;
    bool owned_ = false;
  };

  struct Part {
    std::string path;
    Descriptor in;
    bool live = false;         ///< A pipe, terminal or socket: it may have nothing now and something later.
    bool ended = false;        ///< Its last byte was read, and given.
    std::int64_t next = 0;
    std::string ahead;         ///< Read, not yet given: from `taken` on.
    std::size_t taken = 0;
    std::string line;          ///< As much of the line in work as was seen, at most the limit + 1.
    bool begun = false;        ///< A byte of the line in work was seen.
    bool cut = false;          ///< It is longer than what is kept.
  };
  enum class More : std::uint8_t { line, nothing_yet, end };

  Result<void> open_part(Part& part) const;
  Result<void> skip(Part& part, std::int64_t next) const;
  /// The next line into part.line; never waits.
  Result<More> next_line(Part& part) const;
  /// More bytes into part.ahead. `line` says that some came.
  Result<More> read_more(Part& part) const;
  /// Until a live part has something to read or `wait` is over.
  void wait_for_input(std::chrono::milliseconds wait) const;
  Result<void> gather(std::size_t records_max, Batch& batch);

  std::string name_;
  std::vector<Part> parts_;
};

}  // namespace tocsin::ingest
