// decoders.h: the formats that records come in: bytes → nodes, or the reason why not.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daemon/ingest/dead_letter.h"
#include "daemon/ingest/document.h"

namespace tocsin::ingest {

/// Fills `out` (cleared first) from the bytes, which must outlive it. Any bytes give an answer in bounded time and memory.
using Decode = std::optional<DeadLetter>(std::string_view bytes, Document& out);

Decode decode_json;       ///< One JSON document (RFC 8259), stricter: unique keys, whole characters, bounded depth.
Decode decode_protobuf;   ///< One tocsin.v1.AccessEvent.

struct Decoder {
  std::string_view name;
  Decode* decode;
};

/// Sorted by name.
std::span<const Decoder> decoders();
Decode* find_decoder(std::string_view name);

}  // namespace tocsin::ingest
