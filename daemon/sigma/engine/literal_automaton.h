// literal_automaton.h: finds which of many texts stand in a value, in one pass (Vectorscan's literal matcher).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

struct hs_database;
struct hs_scratch;

namespace tocsin::sigma {

/// Memory that one thread needs for scanning; fits every automaton that it was grown for.
class ScanMemory {
 public:
  ScanMemory() = default;
  ScanMemory(ScanMemory&& other) noexcept : scratch_(std::exchange(other.scratch_, nullptr)) {}
  ScanMemory& operator=(ScanMemory&& other) noexcept {
    std::swap(scratch_, other.scratch_);
    return *this;
  }
  ~ScanMemory();

 private:
  friend class LiteralAutomaton;
  hs_scratch* scratch_ = nullptr;
};

/// Immutable; any number of threads scan it, each with its own memory.
class LiteralAutomaton {
 public:
  /// ASCII letters fold, all other bytes compare as they are. Texts must not be empty.
  explicit LiteralAutomaton(std::span<const std::string_view> texts);

  void grow(ScanMemory& memory) const;
  /// Appends the place of each text that stands in `value`, once each.
  void find(std::string_view value, ScanMemory& memory, std::vector<std::uint32_t>& out) const;

  std::size_t bytes() const;   ///< Of memory.

 private:
  struct Free {
    void operator()(hs_database* database) const;
  };
  std::unique_ptr<hs_database, Free> database_;
};

}  // namespace tocsin::sigma
