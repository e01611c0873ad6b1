// threshold.cpp: comparing a count.
#include "daemon/sigma/language/threshold.h"

#include <fmt/ranges.h>

#include <cmath>

namespace tocsin::sigma {

void Threshold::add(Operator op, double than, std::string token) { parts_.push_back({op, than, std::move(token)}); }

bool Threshold::holds(double value) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    switch (part.op) {
      case Operator::gt: return value > part.than;
      case Operator::gte: return value >= part.than;
      case Operator::lt: return value < part.than;
      case Operator::lte: return value <= part.than;
      case Operator::eq: return value == part.than;
      case Operator::neq: return value != part.than;
    }
    return false;
  });
}

/// The parts cut the line into points and the gaps between them: if any number holds, one of these does.
bool Threshold::possible(bool whole, double from, double to) const {
  std::vector<double> points = {from, to};
  for (const Part& part : parts_) points.push_back(part.than);
  std::sort(points.begin(), points.end());
  std::vector<double> tried;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (whole) {
      for (const double near : {std::floor(points[i]) - 1, std::floor(points[i]), std::ceil(points[i]), std::ceil(points[i]) + 1}) tried.push_back(near);
    } else {
      tried.push_back(points[i]);
      if (i > 0) tried.push_back(points[i - 1] / 2 + points[i] / 2);
    }
  }
  return std::any_of(tried.begin(), tried.end(), [&](double value) { return value >= from && value <= to && holds(value); });
}

bool Threshold::monotone() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.op == Operator::gt || part.op == Operator::gte; });
}

std::int64_t Threshold::least() const {
  std::int64_t out = 1;
  for (const Part& part : parts_) {
    if (part.op == Operator::gte || part.op == Operator::eq) out = std::max<std::int64_t>(out, std::llround(std::ceil(part.than)));
    if (part.op == Operator::gt) out = std::max<std::int64_t>(out, std::llround(std::floor(part.than)) + 1);
  }
  return out;
}

std::int64_t Threshold::number() const {
  constexpr double kMost = 9e18;  // Within 64 bits.
  return parts_.empty() ? 0 : std::llround(std::clamp(parts_.front().than, -kMost, kMost));
}

std::string Threshold::text() const {
  if (parts_.size() == 1 && parts_[0].op == Operator::gte) return fmt::format("threshold {}", parts_[0].token);
  std::vector<std::string> words;
  for (const Part& part : parts_) {
    const std::string_view word = part.op == Operator::gt    ? "more than"
                                  : part.op == Operator::gte ? "at least"
                                  : part.op == Operator::lt  ? "fewer than"
                                  : part.op == Operator::lte ? "at most"
                                  : part.op == Operator::eq  ? "exactly"
                                                             : "other than";
    words.push_back(fmt::format("{} {}", word, part.token));
  }
  return fmt::format("threshold {}", fmt::join(words, " and "));
}

}  // namespace tocsin::sigma
