// judge.h: three-valued answers to a law's questions, and the grade of an incident.
#pragma once

#include <string>
#include <vector>

#include "daemon/law/facts.h"
#include "tocsin/v1/jurisdiction.pb.h"

namespace tocsin::law {

/// One statement in both languages.
struct Words {
  std::string en, zh;
};

enum class Verdict : std::uint8_t {
  yes,
  no,
  open,   ///< A person must answer a question, or the law itself must be reviewed first.
};

struct Judgment {
  Verdict verdict = Verdict::no;
  Words why;   ///< For `no`: what was not reached. For `open`: what must be answered or reviewed.
};

Judgment judge(const v1::LegalTest& test, const v1::Grading& grading, const IncidentFacts& facts);

/// The gravest level that a verified criterion proves; nullptr where the law has no grades.
const v1::Grade* grade_of(const v1::Grading& grading, const IncidentFacts& facts);

/// 1234567 → 1,234,567.
std::string grouped(std::int64_t number);

}  // namespace tocsin::law
