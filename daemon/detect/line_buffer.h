// line_buffer.h: lines that wait for one large write.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace tocsin::detect {

/// Used from one thread. What stands in it when it goes is lost: flush() first.
class LineBuffer {
 public:
  /// Takes all the bytes, or says no.
  using Write = std::function<bool(std::string_view bytes)>;
  static constexpr std::size_t kBytes = 1U << 20U;   // A write of this size costs the kernel less than a copy.

  explicit LineBuffer(Write write) : write_(std::move(write)), bytes_(new char[kBytes]) {}

  void add(std::string_view text) {
    if (text.size() > kBytes - used_) {
      flush();
      if (text.size() > kBytes) {
        good_ = good_ && write_(text);
        return;
      }
    }
    std::memcpy(bytes_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }
  /// Two pieces of one line.
  void add(std::string_view head, std::string_view tail) {
    if (head.size() + tail.size() > kBytes - used_) {
      add(head);
      add(tail);
      return;
    }
    std::memcpy(bytes_.get() + used_, head.data(), head.size());
    std::memcpy(bytes_.get() + used_ + head.size(), tail.data(), tail.size());
    used_ += head.size() + tail.size();
  }

  /// Room for a line of at most `bytes`, which are no more than kBytes: to be written, then taken().
  char* room(std::size_t bytes) {
    if (bytes > kBytes - used_) flush();
    return bytes_.get() + used_;
  }
  void taken(std::size_t bytes) { used_ += bytes; }

  /// False where a write has failed; later ones are not tried.
  bool flush() {
    if (used_ > 0) good_ = good_ && write_({bytes_.get(), used_});
    used_ = 0;
    return good_;
  }

 private:
  Write write_;
  std::unique_ptr<char[]> bytes_;
  std::size_t used_ = 0;
  bool good_ = true;
};

}  // namespace tocsin::detect
