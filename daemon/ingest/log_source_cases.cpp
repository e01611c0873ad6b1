// log_source_cases.cpp: conditions as bits.
#include "daemon/ingest/log_source_cases.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace tocsin::ingest {
namespace {

using google::protobuf::Value;

std::string text_of(const Value& value) {
  return value.kind_case() == Value::kNumberValue ? fmt::format("{:.0f}", value.number_value()) : value.string_value();
}

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

void LogSourceCases::see(Seen& seen, std::size_t path, std::string_view text) const {
  const auto at = tables_[path].with.find(text);
  if (at == tables_[path].with.end()) return;
  for (std::size_t i = 0; i < at->second.size(); ++i) seen.possible[path][i] |= at->second[i];
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
