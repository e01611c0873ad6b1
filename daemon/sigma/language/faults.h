// faults.h: all that is wrong in all rule files, collected, so that an author corrects everything in one round.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/yaml.h"

namespace tocsin::sigma {

/// `width` characters from the byte `offset` of a scalar's text, where the scalar stands on one line; else the whole scalar.
yaml::Place place_within(const yaml::File& file, const yaml::Node& scalar, std::size_t offset, std::size_t width);

/// Collects faults in the order in which they are found. Each is `file:line:col`, a caret and where possible a hint. Behind
/// kYamlFaultsMax they are only counted.
class Faults {
 public:
  void add(const yaml::File& file, const yaml::Node& at, std::string_view message, std::string_view hint = {});
  /// Underlines `width` characters from the byte `offset` of a scalar's text, where the scalar stands on one line.
  void add_within(const yaml::File& file, const yaml::Node& scalar, std::size_t offset, std::size_t width,
                  std::string_view message, std::string_view hint = {});
  void add_text(std::string text);

  /// yaml::did_you_mean() as long as somebody reads it: behind kYamlFaultsMax nothing is looked up any more.
  std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) const;

  bool empty() const { return texts_.empty(); }
  std::size_t count() const { return texts_.size() + more_; }
  /// What was collected; empty afterwards.
  std::vector<std::string> take();
  /// Ok where nothing was added, else one error with every fault.
  Result<void> outcome() const;

 private:
  /// Whether there is room for one more, which else is counted.
  bool room();

  std::vector<std::string> texts_;
  std::size_t more_ = 0;
};

}  // namespace tocsin::sigma
