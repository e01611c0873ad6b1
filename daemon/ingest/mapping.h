// mapping.h: one mapping file, checked and compiled: which path fills which slot.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/decoders/decoders.h"
#include "daemon/model/event.h"
#include "daemon/model/record.h"
#include "daemon/model/subject.h"
#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

/// Reads one file; bad_input with carets.
Result<v1::Mapping> load_mapping(const std::string& path);
/// The files of these paths (files, or folders with their *.yml), sorted by mapping name, names unique.
Result<std::vector<v1::Mapping>> load_mappings(const std::vector<std::string>& paths);

/// What a path of the document is wanted for.
struct Want {
  enum class Role : std::uint8_t { person, slot, type, time, record_count, count_basis, categories, from, minus, product, category, service };
  Role role = Role::slot;
  std::uint32_t at = 0;         ///< Slot; index of the type word, subject rule or difference.
  std::uint32_t priority = 0;   ///< The lowest that exists wins.
};

/// Paths as a tree of segments.
class Trie {
 public:
  struct Step {
    std::map<std::string, std::uint32_t, std::less<>> next;
    std::vector<Want> wants;
  };
  Trie() : steps_(1) {}
  void add(std::string_view path, Want want);
  const Step& step(std::uint32_t index) const { return steps_[index]; }
  /// Follows a key, which may hold dots; 0 where nothing is wanted below.
  std::uint32_t follow(std::uint32_t step, std::string_view key) const;

 private:
  std::vector<Step> steps_;
};

/// Immutable, any thread.
class Mapping {
 public:
  static Result<Mapping> compile(v1::Mapping from, const FieldTable& fields);

  const v1::Mapping& source() const { return source_; }
  Decode* decode() const { return decode_; }
  const Trie& trie() const { return trie_; }
  bool matches(const Record& record, const Document& document) const;
  /// Microseconds east of UTC for zone-less texts, where the mapping gives a zone.
  const std::optional<Microseconds>& zone() const { return zone_; }
  const std::string* renamed(FieldTable::Slot slot, std::string_view value) const;
  bool renames(FieldTable::Slot slot) const { return slot < enums_.size() && enums_[slot] != nullptr; }
  FieldTable::Slot difference_slot(std::size_t i) const { return difference_slots_[i]; }

 private:
  v1::Mapping source_;
  Decode* decode_ = nullptr;
  Trie trie_;
  std::optional<Microseconds> zone_;
  std::vector<const v1::EnumTable*> enums_;          ///< By slot.
  std::vector<FieldTable::Slot> difference_slots_;
};

}  // namespace tocsin::ingest
