// event.cpp: filling and clearing slots.
#include "daemon/model/event.h"

namespace tocsin {

void Event::clear(std::size_t slots) {
  cells_.resize(slots);
  for (Cell& cell : cells_) {
    cell.present = false;
    cell.values.clear();
  }
  bytes_.clear();
  subjects.clear();
  categories.clear();
  clear_ids.clear();
  id = {};
  time = {};
  index = 0;
  log_source = {};
  subject_count = record_count = 0;
  count_basis = v1::COUNT_BASIS_UNSPECIFIED;
}

void Event::add(FieldTable::Slot slot, ValueType type, std::string_view raw) {
  Cell& cell = cells_[slot];
  cell.present = true;
  cell.values.push_back({type, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(raw.size())});
  bytes_ += raw;
}

}  // namespace tocsin
