// engine.h: a rule set compiled: what to look for, and how to be sure.
#pragma once

#include <memory>
#include <vector>

#include "daemon/sigma/engine/index.h"
#include "daemon/sigma/engine/program.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

/// Immutable, any thread. Life of an event: the index names the few rules that may hold, the program asks each of them whole.
class Engine {
 public:
  static std::shared_ptr<const Engine> compile(std::shared_ptr<const RuleSet> rules);
  /// Of these detections alone, by their places in rules().
  static std::shared_ptr<const Engine> compile(std::shared_ptr<const RuleSet> rules, std::span<const std::uint32_t> detections);

  const RuleSet& rules() const { return *rules_; }
  const Index& index() const { return *index_; }
  const Program& program() const { return program_; }
  Program::Entry entry(std::uint32_t rule) const { return entries_[rule]; }
  /// Detections for which nothing can be looked up: asked about every event of their log source.
  const std::vector<std::uint32_t>& always() const { return always_; }
  /// Detections that hold for every event that has none of the fields they ask about; such events are not asked.
  const std::vector<std::uint32_t>& bare() const { return bare_; }

 private:
  Engine() = default;

  std::shared_ptr<const RuleSet> rules_;
  Program program_;
  std::vector<Program::Entry> entries_;     ///< By place in rules(); of detections.
  std::vector<std::uint32_t> always_, bare_;
  std::unique_ptr<const Index> index_;
};

}  // namespace tocsin::sigma
