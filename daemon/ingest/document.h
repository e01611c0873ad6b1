// document.h: a decoded record as a flat list of nodes in document order; reused from record to record.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::ingest {

enum class NodeKind : std::uint8_t { object, array, text, number, boolean, null };

/// `text` is the unescaped text of a text, the token of a number as written, `true` or `false`. Views live as long as the
/// record's bytes and the document.
struct Node {
  NodeKind kind = NodeKind::null;
  std::string_view key;        ///< Within an object, unescaped.
  std::string_view text;
  std::string_view raw;        ///< The bytes of the whole value as they stand in the record; empty for protobuf.
  std::uint32_t after = 0;     ///< Index behind this node and all below it.
};

class Document {
 public:
  std::vector<Node> nodes;     ///< nodes[0] is the root.

  void clear() {
    nodes.clear();
    kept_.clear();
  }
  /// Holds a text that does not stand in the record as it is.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

 private:
  std::deque<std::string> kept_;
};

/// Calls `visit(index)` for each child of an object or array.
template <typename Visit>
void for_children(const Document& document, std::uint32_t node, Visit&& visit) {
  for (std::uint32_t child = node + 1; child < document.nodes[node].after; child = document.nodes[child].after) visit(child);
}

/// All nodes that a dotted path leads to from `from`: through arrays into each element, nested or literally dotted keys.
void find_path(const Document& document, std::uint32_t from, std::string_view path, std::vector<std::uint32_t>& out);

}  // namespace tocsin::ingest
