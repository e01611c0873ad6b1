// wire_reader.h: protobuf's wire format, value by value, with the limits of the generated parsers.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tocsin::ingest {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group = 3, end_group = 4, fixed32 = 5 };

/// Reads from the front of its bytes. Each call says whether it could; after a false one the reader is worth nothing.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool done() const { return at_ == end_; }

  bool varint(std::uint64_t& out) { return read(out, 10); }

  /// The number is not 0, the type one of the six.
  bool tag(std::uint32_t& number, WireType& type) {
    std::uint64_t tag = 0;
    if (!read(tag, 5)) return false;
    number = static_cast<std::uint32_t>(tag) >> 3U;
    type = static_cast<WireType>(tag & 7U);
    return number != 0 && type <= WireType::fixed32;
  }

  bool bytes(std::string_view& out) {
    std::uint64_t size = 0;
    if (!read(size, 5) || size > static_cast<std::uint64_t>(end_ - at_)) return false;
    out = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }

  bool fixed32(std::uint64_t& out) { return fixed<std::uint32_t>(out); }
  bool fixed64(std::uint64_t& out) { return fixed<std::uint64_t>(out); }

  /// Passes over a value whose tag was read; a group may hold groups, `depth` deep.
  bool skip(std::uint32_t number, WireType type, int depth) {
    std::uint64_t value = 0;
    std::string_view content;
    switch (type) {
      case WireType::varint: return varint(value);
      case WireType::fixed64: return fixed64(value);
      case WireType::bytes: return bytes(content);
      case WireType::fixed32: return fixed32(value);
      case WireType::end_group: return false;
      case WireType::group: break;
    }
    if (depth == 0) return false;
    for (;;) {
      std::uint32_t inner = 0;
      WireType inner_type{};
      if (!tag(inner, inner_type)) return false;
      if (inner_type == WireType::end_group) return inner == number;
      if (!skip(inner, inner_type, depth - 1)) return false;
    }
  }

 private:
  bool read(std::uint64_t& out, int bytes_most) {
    out = 0;
    for (int i = 0; i < bytes_most && at_ < end_; ++i) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      out |= std::uint64_t{byte & 0x7FU} << (7 * i);
      if (byte < 0x80) return true;
    }
    return false;
  }

  template <typename Number>
  bool fixed(std::uint64_t& out) {
    Number value = 0;
    if (static_cast<std::size_t>(end_ - at_) < sizeof value) return false;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    out = value;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace tocsin::ingest
