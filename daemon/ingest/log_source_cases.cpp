// log_source_cases.cpp: conditions as bits.
#include "daemon/ingest/log_source_cases.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "daemon/ingest/scalar.h"

namespace tocsin::ingest {
namespace {

using google::protobuf::Value;

using Room = std::array<char, 32>;   ///< No double is longer.

/// The one way in which a number is compared: all its digits where it is an integer that a double holds, else the shortest that gives it.
std::string_view text_of(double number, Room& room) {
  constexpr double kExact = 9007199254740992;
  if (number == 0) return "0";   // Also -0.
  const bool integer = std::trunc(number) == number && std::abs(number) <= kExact;
  const auto written = integer ? fmt::format_to_n(room.data(), room.size(), "{:.0f}", number) : fmt::format_to_n(room.data(), room.size(), "{}", number);
  return {room.data(), written.size};
}

std::string text_of(const Value& value) {
  Room room;
  switch (value.kind_case()) {
    case Value::kNumberValue: return std::string(text_of(value.number_value(), room));
    case Value::kBoolValue: return value.bool_value() ? "true" : "false";
    default: return value.string_value();
  }
}

/// A number of the document that may be written otherwise than text_of() would.
bool is_unusual(std::string_view token) { return token == "-0" || token.find_first_of(".eE") != std::string_view::npos; }

}  // namespace

LogSourceCases::LogSourceCases(const v1::LogSourceRule& rule) : rule_(&rule) {
  for (const v1::LogSourceCase& each : rule.cases()) {
    for (const auto& [path, wanted] : each.when()) paths_.push_back(path);
  }
  std::sort(paths_.begin(), paths_.end());
  paths_.erase(std::unique(paths_.begin(), paths_.end()), paths_.end());
  const std::size_t words = (static_cast<std::size_t>(rule.cases_size()) + 63) / 64;
  tables_.resize(paths_.size());
  for (std::size_t p = 0; p < paths_.size(); ++p) {
    Path& table = tables_[p];
    table.without.resize(words);
    for (std::size_t i = 0; i < static_cast<std::size_t>(rule.cases_size()); ++i) {
      const std::uint64_t bit = std::uint64_t{1} << (i % 64);
      const auto& when = rule.cases(static_cast<int>(i)).when();
      const auto asked = when.find(paths_[p]);
      if (asked == when.end()) {
        table.without[i / 64] |= bit;
        continue;
      }
      const auto allow = [&](const Value& value) {
        Bits& bits = table.with[text_of(value)];
        bits.resize(words);
        bits[i / 64] |= bit;
      };
      if (asked->second.kind_case() == Value::kListValue) {
        for (const Value& value : asked->second.list_value().values()) allow(value);
      } else {
        allow(asked->second);
      }
    }
  }
}

void LogSourceCases::begin(Seen& seen) const {
  seen.possible.resize(tables_.size());
  for (std::size_t p = 0; p < tables_.size(); ++p) seen.possible[p].assign(tables_[p].without.begin(), tables_[p].without.end());
}

void LogSourceCases::see(Seen& seen, std::size_t path, const Node& value) const {
  if (!is_leaf(value.kind) || value.kind == NodeKind::null) return;
  const auto allow = [&](std::string_view text) {
    const auto at = tables_[path].with.find(text);
    if (at == tables_[path].with.end()) return;
    for (std::size_t i = 0; i < at->second.size(); ++i) seen.possible[path][i] |= at->second[i];
  };
  if (value.kind != NodeKind::number || !is_unusual(value.text)) return allow(value.text);
  double number = 0;
  if (std::from_chars(value.text.data(), value.text.data() + value.text.size(), number).ec != std::errc()) return;   // No double holds it.
  Room room;
  allow(text_of(number, room));
}

const v1::LogSourceCase* LogSourceCases::decide(const Seen& seen) const {
  if (rule_ == nullptr || rule_->cases().empty()) return nullptr;
  if (tables_.empty()) return &rule_->cases(0);
  for (std::size_t word = 0; word < tables_.front().without.size(); ++word) {
    std::uint64_t held = ~std::uint64_t{0};
    for (const Bits& possible : seen.possible) held &= possible[word];
    if (held != 0) return &rule_->cases(static_cast<int>(word * 64 + static_cast<std::size_t>(std::countr_zero(held))));
  }
  return nullptr;
}

}  // namespace tocsin::ingest
