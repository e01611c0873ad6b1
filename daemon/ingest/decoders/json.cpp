// json.cpp: the index where it will do, the strict walk for the rest.
#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/decoders.h"
#include "daemon/ingest/decoders/json_walks.h"

namespace tocsin::ingest {

std::optional<DeadLetter> decode_json(std::string_view bytes, Document& out) {
  out.clear();
  if (bytes.empty()) return DeadLetter{"empty", "no bytes"};
  if (bytes.size() > limits::kEventBytesMax) {
    return DeadLetter{"too_large", fmt::format("{} bytes; at most {} are read", bytes.size(), limits::kEventBytesMax)};
  }
  if (walk_indexed(bytes, out)) return std::nullopt;
  return walk_strictly(bytes, out);
}

}  // namespace tocsin::ingest
