// condition.cpp: any text as the condition of a detection.
#include "daemon/sigma/language/condition.h"

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {
namespace {

using sigma::Condition;

void check(const Condition& at, std::size_t selections) {
  switch (at.kind) {
    case Condition::Kind::selection: TOCSIN_ASSERT(at.selection < selections); break;
    case Condition::Kind::no: TOCSIN_ASSERT(at.parts.size() == 1); break;
    case Condition::Kind::all:
    case Condition::Kind::any: TOCSIN_ASSERT(!at.parts.empty()); break;
  }
  for (const Condition& part : at.parts) check(part, selections);
}

}  // namespace

void condition(std::string_view bytes) {
  const std::vector<std::string> selections = {"_base", "filter", "keywords", "selection", "selection_a", "selection_b"};
  yaml::File file{"r.yml", std::string(bytes), {}};
  yaml::Node text;
  text.text = file.text;
  sigma::Faults faults;
  sigma::Allowance parts(limits::kConditionPartsMax, limits::kConditionPartsMax);
  const Condition read = sigma::parse_condition(file, text, selections, parts, faults);
  if (faults.empty()) check(read, selections.size());
}

}  // namespace tocsin::fuzz
