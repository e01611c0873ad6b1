// document.cpp: following a path through the nodes.
#include "daemon/ingest/document.h"

namespace tocsin::ingest {

void find_path(const Document& document, std::uint32_t from, std::string_view path, std::vector<std::uint32_t>& out) {
  if (path.empty()) {
    out.push_back(from);
    return;
  }
  const Node& node = document.nodes[from];
  if (node.kind == NodeKind::array) {
    for_children(document, from, [&](std::uint32_t child) { find_path(document, child, path, out); });
  } else if (node.kind == NodeKind::object) {
    for_children(document, from, [&](std::uint32_t child) {
      const std::string_view key = document.nodes[child].key;
      if (!path.starts_with(key) || (path.size() > key.size() && path[key.size()] != '.')) return;
      find_path(document, child, path.size() == key.size() ? std::string_view() : path.substr(key.size() + 1), out);
    });
  }
}

}  // namespace tocsin::ingest
