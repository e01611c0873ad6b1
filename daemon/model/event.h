// event.h: what happened, as a flat array of slots for the fields that anybody asks for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
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
  bool wants_subjects = false;  ///< A detection asks for `subjects.ref`: the hashes are needed before it is matched.

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

/// The log source of an event. The views live as long as the record and its mapping.
struct LogSourceView {
  std::string_view product, category, service;
  std::string_view wider;  ///< A category that holds this one's events too: `registry_event` beside `registry_set`. Or empty.
  bool open = false;       ///< What is empty is unknown, and no rule is left out for it. Else it is known to be none.
};

/// One event. Reused from record to record: clear() keeps the memory, and filling it again allocates nothing. Values are
/// appended per slot in document order; an array gives one value per element, an absent field gives none, `null` gives one
/// null value.
class Event {
 public:
  Event() = default;
  Event(Event&&) = default;       ///< Values may point into the event itself, so it moves and is never copied.
  Event& operator=(Event&&) = default;

  Id128 id;                       ///< H(source name, raw bytes of the exploded element). Filled where a rule said yes (see Mapper::complete).
  Instant time{};                 ///< Instant{} where the mapping allows events without one.
  std::uint32_t index = 0;        ///< Position within the exploded record.
  LogSourceView log_source;
  std::vector<Subject> subjects;  ///< Sorted, without duplicates. Filled as id is.
  std::int64_t subject_count = 0; ///< People given as a number only.
  std::int64_t record_count = 0;
  v1::CountBasis count_basis = v1::COUNT_BASIS_UNSPECIFIED;
  std::vector<std::string_view> categories;   ///< They live as values do.
  std::vector<ClearId> clear_ids; ///< Sorted by `clear`. Filled as id is.

  void clear(std::size_t slots);
  /// `raw` must live as long as the event is read: it stands in the record or in its document.
  void add(FieldTable::Slot slot, ValueType type, std::string_view raw) {
    Cell& cell = cells_[slot];
    if (cell.stamp == stamp_) return add_further(cell, type, raw);
    cell.stamp = stamp_;   // Most fields have one value.
    cell.begin = used_;
    cell.count = cell.room = 1;
    append(type, raw);
    filled_[filled_used_++] = slot;
  }
  /// For values that stand nowhere else.
  void add_copy(FieldTable::Slot slot, ValueType type, std::string_view raw) { add(slot, type, keep(raw)); }
  void keep_log_source(const LogSource& source) {
    log_source = {keep(source.product), keep(source.category), keep(source.service), {}, false};
  }
  /// A copy that lives until clear().
  std::string_view keep(std::string_view text);
  /// Marks a slot as present with no value: an empty list, or an object where a rule asks `exists`.
  void mark_present(FieldTable::Slot slot) { cell_of(slot); }
  /// Takes the values back: a better path was found for the field.
  void drop_values(FieldTable::Slot slot) { cell_of(slot).count = cell_of(slot).room = 0; }

  bool present(FieldTable::Slot slot) const { return cells_[slot].stamp == stamp_; }
  std::size_t count(FieldTable::Slot slot) const { return present(slot) ? cells_[slot].count : 0; }
  /// The values of a slot in document order. Valid until the next add().
  std::span<const Value> values(FieldTable::Slot slot) const {
    const Cell& cell = cells_[slot];
    return cell.stamp == stamp_ ? std::span<const Value>(values_.data() + cell.begin, cell.count) : std::span<const Value>();
  }
  const Value& value(FieldTable::Slot slot, std::size_t i) const { return values_[cells_[slot].begin + i]; }
  std::size_t slots() const { return cells_.size(); }
  /// Of all slots: what values() gives is a part of it.
  std::span<const Value> all_values() const { return {values_.data(), used_}; }
  /// Slots that are present, in the order in which they came.
  std::span<const FieldTable::Slot> filled() const { return {filled_.data(), filled_used_}; }

 private:
  struct Cell {
    std::uint32_t stamp = 0;       ///< Present where it is the event's.
    std::uint32_t begin = 0, count = 0, room = 0;
  };
  Cell& cell_of(FieldTable::Slot slot);
  void add_further(Cell& cell, ValueType type, std::string_view raw);
  /// Behind all values. Each part is written where it will stand: a Value that is made elsewhere first waits for its own halves.
  void append(ValueType type, std::string_view raw) {
    if (used_ == values_.size()) grow(used_ + 1);
    Value& value = values_[used_++];
    value.type = type;
    value.raw = raw;
  }
  void grow(std::size_t values);

  std::uint32_t stamp_ = 1;
  std::vector<Cell> cells_;
  std::vector<Value> values_;      ///< Those of a slot side by side; its size is the room.
  std::uint32_t used_ = 0;         ///< So many of them are values.
  std::vector<FieldTable::Slot> filled_;   ///< Room for all.
  std::uint32_t filled_used_ = 0;
  std::vector<std::unique_ptr<std::string>> kept_;
  std::size_t kept_used_ = 0;
};

}  // namespace tocsin
