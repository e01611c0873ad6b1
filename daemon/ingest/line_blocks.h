// line_blocks.h: the lines of a file or a pipe, read in large blocks and given without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"

namespace tocsin::ingest {

/// Used from one thread:
///
///   while (*blocks.fill()) {
///     std::string_view line;
///     while (blocks.next(line)) …
///   }
class LineBlocks {
 public:
  /// Bytes behind any line that may be read, though they mean nothing: what vector instructions need.
  static constexpr std::size_t kPadding = 64;

  /// `-` is standard input. bad_input where there is nothing to read there.
  static Result<LineBlocks> open(const std::string& path);
  LineBlocks(LineBlocks&& other) noexcept;
  LineBlocks& operator=(LineBlocks&&) = delete;
  ~LineBlocks();

  /// Reads on; false at the end. From a pipe it waits for the writer. Lines given before are gone.
  Result<bool> fill();
  /// The next line of what was read, without its break. A line over limits::kEventBytesMax comes once, cut behind one byte more.
  bool next(std::string_view& line);

  std::int64_t number() const { return number_; }        ///< Of the line given last, from 1.
  std::int64_t bytes() const { return bytes_read_; }     ///< Read so far.
  std::int64_t size() const { return size_; }            ///< Of the file; 0 where nobody knows.
  bool live() const { return size_ == 0; }               ///< Somebody may be waiting for an answer to the last line.
  Instant written() const { return written_; }           ///< When the file was last written; epoch 0 where it is none.

 private:
  LineBlocks(std::string path, int fd);

  std::string path_;
  int fd_;
  std::unique_ptr<char[]> bytes_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t searched_ = 0;     ///< Up to here there is no line break.
  bool ended_ = false;
  bool skipping_ = false;        ///< Within a line that was given cut.
  std::int64_t number_ = 0, bytes_read_ = 0, size_ = 0;
  Instant written_{};
};

}  // namespace tocsin::ingest
