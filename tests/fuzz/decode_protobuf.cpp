// decode_protobuf.cpp: any bytes as an AccessEvent of the wire.
#include "daemon/base/promise.h"
#include "daemon/ingest/decoders/decoders.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {

void decode_protobuf(std::string_view bytes) {
  static ingest::Document document;
  if (ingest::decode_protobuf(bytes, document)) return;
  TOCSIN_ASSERT(!document.nodes.empty() && document.nodes.front().after == document.nodes.size());
  std::vector<std::uint32_t> ends;
  for (std::uint32_t at = 0; at < document.nodes.size(); ++at) {
    while (!ends.empty() && ends.back() <= at) ends.pop_back();
    TOCSIN_ASSERT(document.nodes[at].after > at);
    TOCSIN_ASSERT(ends.empty() || document.nodes[at].after <= ends.back());
    ends.push_back(document.nodes[at].after);
  }
}

}  // namespace tocsin::fuzz
