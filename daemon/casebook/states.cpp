// states.cpp: the table of incident states.
#include "daemon/casebook/states.h"

namespace tocsin::casebook {
namespace {

struct Step {
  v1::IncidentState from, to;
};

// Telling people must not wait for containment, and a regulator may have to be told before either. What was told to people
// or to a regulator cannot be dismissed any more; a closed or dismissed incident is never opened again: new alerts open a new one.
constexpr Step kSteps[] = {
    {v1::SUSPECTED, v1::CONFIRMED},  {v1::SUSPECTED, v1::DISMISSED},
    {v1::CONFIRMED, v1::CONTAINED},  {v1::CONFIRMED, v1::NOTIFYING}, {v1::CONFIRMED, v1::REPORTED}, {v1::CONFIRMED, v1::DISMISSED},
    {v1::CONTAINED, v1::NOTIFYING},  {v1::CONTAINED, v1::REPORTED},  {v1::CONTAINED, v1::CLOSED},   {v1::CONTAINED, v1::DISMISSED},
    {v1::NOTIFYING, v1::REPORTED},   {v1::NOTIFYING, v1::CLOSED},
    {v1::REPORTED, v1::NOTIFYING},   {v1::REPORTED, v1::CLOSED},
};

}  // namespace

bool may_become(v1::IncidentState from, v1::IncidentState to) {
  return std::any_of(std::begin(kSteps), std::end(kSteps), [&](const Step& step) { return step.from == from && step.to == to; });
}

std::string word_for(v1::IncidentState state) {
  std::string word = v1::IncidentState_Name(state);
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return word;
}

std::string ways_from(v1::IncidentState from) {
  std::string ways;
  for (const Step& step : kSteps) {
    if (step.from != from) continue;
    if (!ways.empty()) ways += ", ";
    ways += word_for(step.to);
  }
  return ways.empty() ? fmt::format("a {} incident stays as it is", word_for(from)) : fmt::format("a {} incident can become: {}", word_for(from), ways);
}

}  // namespace tocsin::casebook
