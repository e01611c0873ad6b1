// decode_json.cpp: any bytes as a JSON record, read by us and by simdjson.
#include <simdjson.h>

#include "daemon/base/promise.h"
#include "daemon/ingest/decoders/decoders.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {
namespace {

using ingest::Document;
using ingest::NodeKind;
using simdjson::dom::element_type;

/// The same value? Numbers only by kind: we keep the token, simdjson a double.
void compare(const Document& ours, std::uint32_t at, simdjson::dom::element theirs) {
  const ingest::Node& node = ours.nodes[at];
  switch (theirs.type()) {
    case element_type::OBJECT: {
      TOCSIN_ASSERT(node.kind == NodeKind::object);
      std::uint32_t child = at + 1;
      for (const auto [key, value] : simdjson::dom::object(theirs)) {
        TOCSIN_ASSERT(child < node.after);
        TOCSIN_ASSERT(ours.nodes[child].key == key);
        compare(ours, child, value);
        child = ours.nodes[child].after;
      }
      TOCSIN_ASSERT(child == node.after);
      break;
    }
    case element_type::ARRAY: {
      TOCSIN_ASSERT(node.kind == NodeKind::array);
      std::uint32_t child = at + 1;
      for (const simdjson::dom::element value : simdjson::dom::array(theirs)) {
        TOCSIN_ASSERT(child < node.after);
        compare(ours, child, value);
        child = ours.nodes[child].after;
      }
      TOCSIN_ASSERT(child == node.after);
      break;
    }
    case element_type::STRING:
      TOCSIN_ASSERT(node.kind == NodeKind::text);
      TOCSIN_ASSERT(node.text == std::string_view(theirs));
      break;
    case element_type::BOOL:
      TOCSIN_ASSERT(node.kind == NodeKind::boolean);
      TOCSIN_ASSERT(node.text == (bool(theirs) ? "true" : "false"));
      break;
    case element_type::NULL_VALUE: TOCSIN_ASSERT(node.kind == NodeKind::null); break;
    default: TOCSIN_ASSERT(node.kind == NodeKind::number);
  }
}

}  // namespace

void decode_json(std::string_view bytes) {
  static Document document;   // Reused as the mapper reuses it.
  static simdjson::dom::parser parser;
  const auto dead = ingest::decode_json(bytes, document);
  simdjson::dom::element root;
  const auto failed = parser.parse(bytes.data(), bytes.size()).get(root);
  if (!dead && !failed) compare(document, 0, root);
  // What simdjson takes we refuse only where we are stricter; what it refuses we take only for numbers it cannot hold.
  if (dead && !failed) TOCSIN_ASSERT(dead->reason == "duplicate_key" || dead->reason == "too_many_keys" || dead->reason == "too_deep" || dead->reason == "lone_surrogate" || dead->reason == "empty");
  if (!dead && failed) TOCSIN_ASSERT(failed == simdjson::NUMBER_ERROR);
}

}  // namespace tocsin::fuzz
