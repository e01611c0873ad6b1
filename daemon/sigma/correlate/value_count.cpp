// value_count.cpp: how many different values of a field; with `subjects.ref`, how many different people.
#include "daemon/sigma/correlate/value_count.h"

#include <fmt/ranges.h>

#include "daemon/sigma/language/rule.h"

namespace tocsin::sigma {

std::vector<Id128> value_count_values(const Correlation& rule, const v1::MatchedEvent& event, const v1::RuleMatch& match) {
  std::vector<Id128> out;
  if (rule.counts_subjects()) {
    for (const v1::SubjectRef& subject : event.subjects()) out.push_back(id128_from_bytes(subject.ref()));
  } else {
    for (const std::string& hash : match.value_hashes()) out.push_back(id128_from_bytes(hash));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string value_count_what(const Correlation& rule, std::int64_t count) {
  if (rule.counts_subjects()) return count == 1 ? "distinct subject" : "distinct subjects";
  return fmt::format("distinct value{} of {}", count == 1 ? "" : "s", fmt::join(rule.fields, " + "));
}

}  // namespace tocsin::sigma
