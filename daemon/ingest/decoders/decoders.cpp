// decoders.cpp: the table of formats.
#include "daemon/ingest/decoders/decoders.h"

namespace tocsin::ingest {
namespace {

constexpr Decoder kDecoders[] = {
    {"json", decode_json},
    {"protobuf", decode_protobuf},
};

}  // namespace

std::span<const Decoder> decoders() { return kDecoders; }

Decode* find_decoder(std::string_view name) {
  for (const Decoder& decoder : kDecoders) {
    if (decoder.name == name) return decoder.decode;
  }
  return nullptr;
}

}  // namespace tocsin::ingest
