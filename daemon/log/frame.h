// frame.h: one frame of a segment file: a fixed header with a checksum, then the body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::log {

inline constexpr std::uint32_t kFrameMagic = 0x4E534354;  ///< "TCSN" in the file.
inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 32;

enum class FrameKind : std::uint8_t {
  opening = 0,  ///< First of a segment: its body is the log's id.
  body = 1,
};

/// Little-endian: magic u32, version u8, kind u8, reserved u16, offset u64, durable u64, length u32, CRC-32C u32 (of the
/// header before it and the body).
struct Frame {
  std::uint8_t version = kFrameVersion;
  FrameKind kind = FrameKind::body;
  std::uint64_t offset = 0;   ///< Log offset of this frame's first byte; of an opening: of the segment's first frame.
  /// The log's durable end when this frame was written. A disk that lost power may hold a later block and miss an earlier
  /// one: a damaged frame was once durable only if a later valid frame says so.
  std::uint64_t durable = 0;
  std::string_view body;
};

/// Bytes that a frame with this body takes.
constexpr std::uint64_t frame_bytes(std::size_t body) { return kFrameHeaderBytes + body; }

void append_frame(std::string& to, const Frame& frame);

/// The frame at the start of `bytes`, or nothing where they hold no whole frame with a right checksum. The version is not
/// judged: a valid frame of a later version must stop the reader, not look like a torn one.
std::optional<Frame> read_frame(std::string_view bytes);

}  // namespace tocsin::log
