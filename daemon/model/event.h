// event.h: what happened, as a flat array of slots for the fields that anybody asks for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin {

/// Field names ⇄ slot numbers. Filled while rules load, read-only afterwards. Slot 0 is every text of the document,
/// which Sigma's keyword search reads; it is filled only where `wants_all` is set.
class FieldTable {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kAll = 0;

  FieldTable() { names_.emplace_back("<all>"); }

  Slot intern(std::string_view name) {
    const auto [at, fresh] = slots_.try_emplace(std::string(name), static_cast<Slot>(names_.size()));
    if (fresh) names_.emplace_back(name);
    return at->second;
  }
  /// The slot, or kAll where nobody asks for this field.
  Slot find(std::string_view name) const {
    const auto at = slots_.find(name);
    return at == slots_.end() ? kAll : at->second;
  }
  const std::string& name(Slot slot) const { return names_[slot]; }
  std::size_t size() const { return names_.size(); }

  bool wants_all = false;

 private:
  std::map<std::string, Slot, std::less<>> slots_;
  std::vector<std::string> names_;
};

enum class ValueType : std::uint8_t { null, boolean, number, text };

/// One value, seen through the event that owns its bytes. Numbers keep their token as written; texts are unescaped UTF-8;
/// booleans are `true` and `false`.
struct Value {
  ValueType type = ValueType::null;
  std::string_view raw;
};

/// Which events a rule looks at (Sigma logsource).
struct LogSource {
  std::string product, category, service;
  bool operator==(const LogSource&) const = default;
};

/// A person whose data were touched, as a keyed hash.
struct Subject {
  Id128 ref;
  std::string id_type;
  std::uint32_t key_version = 1;
  auto operator<=>(const Subject&) const = default;
};

/// A person's identifier as the document wrote it, beside its hash, so that whoever shows values of the event can hide it.
/// The view lives as long as the record; it is never stored or sent.
struct ClearId {
  std::string_view clear;
  Id128 ref;
};

/// One event. Reused from record to record: clear() keeps the memory. Values are appended per slot in document order; an
/// array gives one value per element, an absent field gives none, `null` gives one null value.
class Event {
 public:
  Id128 id;                       ///< H(source name, raw bytes of the exploded element).
  Instant time{};
  std::uint32_t index = 0;        ///< Position within the exploded record.
  LogSource log_source;
  std::vector<Subject> subjects;  ///< Sorted, without duplicates.
  std::int64_t subject_count = 0; ///< People given as a number only.
  std::int64_t record_count = 0;
  v1::CountBasis count_basis = v1::COUNT_BASIS_UNSPECIFIED;
  std::vector<std::string> categories;
  std::vector<ClearId> clear_ids; ///< Sorted by `clear`.

  void clear(std::size_t slots);
  void add(FieldTable::Slot slot, ValueType type, std::string_view raw);
  /// Marks a slot as present with no value: an empty list, or an object where a rule asks `exists`.
  void mark_present(FieldTable::Slot slot) { cells_[slot].present = true; }

  bool present(FieldTable::Slot slot) const { return cells_[slot].present; }
  std::size_t count(FieldTable::Slot slot) const { return cells_[slot].values.size(); }
  Value value(FieldTable::Slot slot, std::size_t i) const {
    const Cell& cell = cells_[slot];
    return {cell.values[i].type, std::string_view(bytes_).substr(cell.values[i].begin, cell.values[i].length)};
  }
  std::size_t slots() const { return cells_.size(); }

 private:
  struct Piece {
    ValueType type;
    std::uint32_t begin, length;
  };
  struct Cell {
    bool present = false;
    std::vector<Piece> values;
  };
  std::vector<Cell> cells_;
  std::string bytes_;
};

}  // namespace tocsin
