// paths.h: the paths that a mapping wants, interned once: a node's key is looked up by its hash.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {

/// What a path of the document is wanted for.
struct Want {
  /// A person, or the identifier within one: where these stand nothing else may show what stands there.
  enum class Role : std::uint8_t { person, identifier, slot, type, time, record_count, count_basis, categories, from, minus, when, product, category, service };
  Role role = Role::slot;
  bool contested = false;       ///< The slot has further paths.
  bool plain = false;           ///< It has only this one and no enum: a leaf goes straight in.
  std::uint32_t at = 0;         ///< Slot; index of the type word, time, subject rule, difference, or path of a log source.
  std::uint32_t priority = 0;   ///< The lowest that exists wins.

  bool hides() const { return role <= Role::identifier; }
};

/// A tree of key segments. Step 0 is the document, or the event in it.
class Paths {
 public:
  Paths();
  void add(std::string_view path, Want want);

  /// The step below `step` that a key leads to, 0 where nothing is wanted there. A key may hold dots: it then stands for nested
  /// ones, at most kDotsMost of them, or for a whole path.
  std::uint32_t follow(std::uint32_t step, std::string_view key, std::uint32_t hash) const {
    for (std::uint32_t at = place(step, hash);; at = (at + 1) & mask_) {
      const Link& link = links_[at];
      if (link.to == 0) return 0;
      if (link.hash == hash && link.from == step && same_key(key, {keys_.data() + link.key, link.length})) return link.to;
    }
  }
  std::uint32_t follow(std::uint32_t step, std::string_view key) const { return follow(step, key, key_hash(key)); }

  /// Where the segment `*` leads, beside what follow() says of the key. 0 where the mapping has none here.
  std::uint32_t any(std::uint32_t step) const { return steps_[step].any; }

  std::span<const Want> wants(std::uint32_t step) const { return steps_[step].wants; }
  /// The slot where that is all that is wanted, and plain; else 0.
  std::uint32_t plain_slot(std::uint32_t step) const {
    const std::vector<Want>& wants = steps_[step].wants;
    return wants.size() == 1 && wants.front().plain ? wants.front().at : 0;
  }
  /// Whether anything is wanted below.
  bool leads_on(std::uint32_t step) const { return steps_[step].leads_on; }

  static constexpr std::size_t kDotsMost = 15;

 private:
  struct Step {
    std::uint32_t parent = 0;
    std::string segment;         ///< That leads here from the parent.
    std::vector<Want> wants;     ///< Those that hide it first.
    bool leads_on = false;
    std::uint32_t any = 0;       ///< Below it by the segment `*`.
  };
  struct Link {
    std::uint32_t hash = 0, from = 0, to = 0;   ///< to 0: free.
    std::uint32_t key = 0, length = 0;          ///< In keys_.
  };
  std::uint32_t place(std::uint32_t step, std::uint32_t hash) const { return (hash ^ step * 0x9E3779B1U) & mask_; }
  void link(std::uint32_t from, std::string_view key, std::uint32_t to);
  void put(const Link& link);

  std::vector<Step> steps_;
  std::vector<Link> links_;      ///< A power of two, at most a quarter full.
  std::uint32_t mask_ = 0;
  std::size_t linked_ = 0;
  std::string keys_;
};

}  // namespace tocsin::ingest
