// document.h: a decoded record as a flat list of nodes in document order; reused from record to record.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {

enum class NodeKind : std::uint8_t { object, array, text, number, boolean, null };

/// `text` is the unescaped text of a text, the token of a number as written, `true`, `false` or `null`. Views live as long as
/// the record's bytes and the document.
struct alignas(64) Node {   // A cache line.
  std::string_view key;        ///< Within an object, unescaped.
  std::string_view text;
  std::string_view raw;        ///< The bytes of the whole value as they stand in the record; empty for protobuf.
  std::uint32_t after = 0;     ///< Index behind this node and all below it.
  std::uint32_t hash = 0;      ///< key_hash() of the key.
  std::uint32_t shape = 0;     ///< Where it is not 0, nodes of the same shape and generation stand at the same path (see KeyShapes).
  NodeKind kind = NodeKind::null;
};

/// What decoders keep from record to record. Each is known to its own file only.
struct JsonMemory;
struct WireMemory;
struct DecoderMemoryFree {
  void operator()(JsonMemory* memory) const;
  void operator()(WireMemory* memory) const;
};

/// Keeps its memory: once it has held the largest record of a kind, the next one allocates nothing.
class Document {
 public:
  std::span<Node> nodes;       ///< nodes[0] is the root.
  std::uint32_t generation = 0;  ///< Of the shapes of nodes.
  std::unique_ptr<JsonMemory, DecoderMemoryFree> json;
  std::unique_ptr<WireMemory, DecoderMemoryFree> wire;

  void clear() {
    nodes = {};
    chunk_ = used_ = 0;
  }
  /// Room for so many nodes in place of those that stand here; then resize() says how many there are.
  Node* room_for(std::size_t nodes_most);
  void resize(std::size_t count) { nodes = {all_.get(), count}; }
  /// A further node. References to earlier ones end.
  Node& add();

  /// n bytes that live until clear().
  char* text_room(std::size_t n);
  /// Holds a text that does not stand in the record as it is.
  std::string_view keep(std::string_view text);

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::unique_ptr<Node[]> all_;
  std::size_t room_ = 0;
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
};

/// Calls `visit(index)` for each child of an object or array.
template <typename Visit>
void for_children(const Document& document, std::uint32_t node, Visit&& visit) {
  for (std::uint32_t child = node + 1; child < document.nodes[node].after; child = document.nodes[child].after) visit(child);
}

/// Whether `holds(index)` for any node that a dotted path leads to from `from`: through arrays into each element, nested or
/// literally dotted keys. Asks them in document order, until one holds.
template <typename Holds>
bool any_at(const Document& document, std::uint32_t from, std::string_view path, Holds&& holds) {
  if (path.empty()) return holds(from);
  const Node& node = document.nodes[from];
  if (node.kind != NodeKind::array && node.kind != NodeKind::object) return false;
  for (std::uint32_t child = from + 1; child < node.after; child = document.nodes[child].after) {
    if (node.kind == NodeKind::array) {
      if (any_at(document, child, path, holds)) return true;
      continue;
    }
    const std::string_view key = document.nodes[child].key;
    if (path.size() < key.size() || (path.size() > key.size() && path[key.size()] != '.') || !same_key(path.substr(0, key.size()), key)) continue;
    if (any_at(document, child, path.size() == key.size() ? std::string_view() : path.substr(key.size() + 1), holds)) return true;
  }
  return false;
}

/// All of them, behind what `out` holds.
void find_path(const Document& document, std::uint32_t from, std::string_view path, std::vector<std::uint32_t>& out);

}  // namespace tocsin::ingest
