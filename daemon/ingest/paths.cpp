// paths.cpp: interning paths, and each dotted key that may stand for a part of one.
#include "daemon/ingest/paths.h"

#include <algorithm>

namespace tocsin::ingest {

Paths::Paths() : steps_(1), links_(64), mask_(63) {}

void Paths::add(std::string_view path, Want want) {
  std::uint32_t at = 0;
  for (std::size_t begin = 0; begin <= path.size() && !path.empty();) {   // A last dot has an empty key behind it.
    const std::string_view segment = path.substr(begin, path.find('.', begin) - begin);
    begin += segment.size() + 1;
    if (const std::uint32_t known = follow(at, segment); known != 0) {
      at = known;
      continue;
    }
    const auto fresh = static_cast<std::uint32_t>(steps_.size());
    steps_[at].leads_on = true;
    if (segment == "*") steps_[at].any = fresh;
    steps_.push_back({at, std::string(segment), {}, false, 0});
    std::string key(segment);
    std::uint32_t from = at;
    link(from, key, fresh);
    for (std::size_t dots = 0; dots < kDotsMost && from != 0; ++dots) {
      key = steps_[from].segment + "." + key;
      from = steps_[from].parent;
      link(from, key, fresh);
    }
    at = fresh;
  }
  if (at != 0 && follow(0, path) == 0) link(0, path, at);
  auto& wants = steps_[at].wants;
  wants.insert(want.hides() ? wants.begin() : wants.end(), want);
}

void Paths::link(std::uint32_t from, std::string_view key, std::uint32_t to) {
  if (++linked_ * 4 > links_.size()) {
    std::vector<Link> old(links_.size() * 2);
    old.swap(links_);
    mask_ = static_cast<std::uint32_t>(links_.size() - 1);
    for (const Link& each : old) {
      if (each.to != 0) put(each);
    }
  }
  put({key_hash(key), from, to, static_cast<std::uint32_t>(keys_.size()), static_cast<std::uint32_t>(key.size())});
  keys_ += key;
}

void Paths::put(const Link& link) {
  std::uint32_t at = place(link.from, link.hash);
  while (links_[at].to != 0) at = (at + 1) & mask_;
  links_[at] = link;
}

}  // namespace tocsin::ingest
