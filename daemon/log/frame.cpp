// frame.cpp: the frame's bytes and their CRC-32C.
#include "daemon/log/frame.h"

#include <boost/crc.hpp>

#include "daemon/base/limits.h"

namespace tocsin::log {
namespace {

constexpr std::size_t kChecksumAt = kFrameHeaderBytes - 4;

template <typename Number>
void put(std::string& to, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) to.push_back(static_cast<char>(number >> (8 * i)));
}

template <typename Number>
Number get(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number | static_cast<Number>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i));
  }
  return number;
}

std::uint32_t crc32c(std::string_view header, std::string_view body) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
  sum.process_bytes(header.data(), header.size());
  sum.process_bytes(body.data(), body.size());
  return sum.checksum();
}

}  // namespace

void append_frame(std::string& to, const Frame& frame) {
  const std::size_t begin = to.size();
  put(to, kFrameMagic);
  put(to, frame.version);
  put(to, static_cast<std::uint8_t>(frame.kind));
  put(to, std::uint16_t{0});
  put(to, frame.offset);
  put(to, frame.durable);
  put(to, static_cast<std::uint32_t>(frame.body.size()));
  put(to, crc32c(std::string_view(to).substr(begin, kChecksumAt), frame.body));
  to.append(frame.body);
}

std::optional<Frame> read_frame(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes || get<std::uint32_t>(bytes, 0) != kFrameMagic) return std::nullopt;
  const auto length = get<std::uint32_t>(bytes, 24);
  if (length > limits::kFrameBytesMax || bytes.size() - kFrameHeaderBytes < length) return std::nullopt;
  const std::string_view body = bytes.substr(kFrameHeaderBytes, length);
  if (crc32c(bytes.substr(0, kChecksumAt), body) != get<std::uint32_t>(bytes, kChecksumAt)) return std::nullopt;
  Frame frame;
  frame.version = get<std::uint8_t>(bytes, 4);
  frame.kind = static_cast<FrameKind>(get<std::uint8_t>(bytes, 5));
  frame.offset = get<std::uint64_t>(bytes, 8);
  frame.durable = get<std::uint64_t>(bytes, 16);
  frame.body = body;
  return frame;
}

}  // namespace tocsin::log
