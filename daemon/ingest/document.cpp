// document.cpp: the memory of nodes and texts.
#include "daemon/ingest/document.h"

#include <algorithm>

namespace tocsin::ingest {
namespace {

constexpr std::size_t kNodesLeast = 64;
constexpr std::size_t kChunkBytes = 16U << 10U;   // Escaped texts of an ordinary event fit in one.

}  // namespace

Node* Document::room_for(std::size_t nodes_most) {
  if (nodes_most > room_) {
    room_ = std::max({kNodesLeast, nodes_most, room_ * 2});
    all_ = std::make_unique<Node[]>(room_);
  }
  nodes = {};
  return all_.get();
}

Node& Document::add() {
  const std::size_t count = nodes.size();
  if (count == room_) {
    room_ = std::max(kNodesLeast, room_ * 2);
    auto more = std::make_unique<Node[]>(room_);
    std::copy(nodes.begin(), nodes.end(), more.get());
    all_ = std::move(more);
  }
  nodes = {all_.get(), count + 1};
  return nodes.back() = {};
}

char* Document::text_room(std::size_t n) {
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < n) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(kChunkBytes, n);
    chunks_.push_back({std::make_unique<char[]>(size), size});
  }
  char* const at = chunks_[chunk_].bytes.get() + used_;
  used_ += n;
  return at;
}

std::string_view Document::keep(std::string_view text) {
  char* const at = text_room(text.size());
  std::copy(text.begin(), text.end(), at);
  return {at, text.size()};
}

void find_path(const Document& document, std::uint32_t from, std::string_view path, std::vector<std::uint32_t>& out) {
  any_at(document, from, path, [&](std::uint32_t node) {
    out.push_back(node);
    return false;
  });
}

}  // namespace tocsin::ingest
