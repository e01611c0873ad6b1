// threshold.cpp: comparing a count.
#include "daemon/sigma/language/threshold.h"

#include <fmt/ranges.h>

namespace tocsin::sigma {

bool Threshold::holds(std::int64_t count) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const auto& part) {
    switch (part.first) {
      case Operator::gt: return count > part.second;
      case Operator::gte: return count >= part.second;
      case Operator::lt: return count < part.second;
      case Operator::lte: return count <= part.second;
      case Operator::eq: return count == part.second;
      case Operator::neq: return count != part.second;
    }
    return false;
  });
}

bool Threshold::monotone() const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const auto& part) { return part.first == Operator::gt || part.first == Operator::gte; });
}

std::int64_t Threshold::least() const {
  std::int64_t out = 1;
  for (const auto& [op, than] : parts_) {
    if (op == Operator::gte || op == Operator::eq) out = std::max(out, than);
    if (op == Operator::gt) out = std::max(out, than + 1);
  }
  return out;
}

std::string Threshold::text() const {
  if (parts_.size() == 1 && parts_[0].first == Operator::gte) return fmt::format("threshold {}", parts_[0].second);
  std::vector<std::string> words;
  for (const auto& [op, than] : parts_) {
    const std::string_view word = op == Operator::gt    ? "more than"
                                  : op == Operator::gte ? "at least"
                                  : op == Operator::lt  ? "fewer than"
                                  : op == Operator::lte ? "at most"
                                  : op == Operator::eq  ? "exactly"
                                                        : "other than";
    words.push_back(fmt::format("{} {}", word, than));
  }
  return fmt::format("threshold {}", fmt::join(words, " and "));
}

}  // namespace tocsin::sigma
