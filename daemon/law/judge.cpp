// judge.cpp: exact comparators, and unknown as a value of its own.
#include "daemon/law/judge.h"

#include "daemon/base/promise.h"
#include "daemon/law/jurisdiction.h"

namespace tocsin::law {
namespace {

bool holds(std::string_view cmp, std::int64_t fact, std::int64_t n) {
  if (cmp == "gt") return fact > n;
  if (cmp == "gte") return fact >= n;
  if (cmp == "lt") return fact < n;
  if (cmp == "lte") return fact <= n;
  if (cmp == "eq") return fact == n;
  return fact != n;
}

Words fact_name(std::string_view fact) {
  if (fact == "persons_leaked") return {"people affected", "受影响人数"};
  if (fact == "minors") return {"minors among the affected people", "受影响的人中有未成年人"};
  if (fact == "children_under_14") return {"children under 14 among the affected people", "受影响的人中有不满十四周岁的儿童"};
  if (fact == "operator") return {"kind of operator", "运营者类型"};
  if (fact == "risk") return {"risk to the people concerned", "对个人权益的风险"};
  if (fact == "crime_clues") return {"clues of a crime", "涉嫌违法犯罪线索"};
  if (fact == "product_defect") return {"defect of a product or service", "产品或服务缺陷、漏洞"};
  if (fact == "internet_company") return {"telecom operator, domain body or internet company", "基础电信企业、域名机构或互联网企业"};
  if (fact == "miit_sector") return {"part of industry and information technology", "属于工业和信息化领域"};
  if (fact == "processor") return {"processor for another controller", "受其他控制者委托处理"};
  return {std::string(fact), std::string(fact)};
}

Words word_text(const std::string& word) {
  if (word == "yes") return {"yes", "是"};
  if (word == "no") return {"no", "否"};
  if (word == "high") return {"high", "高"};
  if (word == "unlikely") return {"unlikely", "不太可能"};
  if (word == "cii_operator") return {"operator of critical information infrastructure", "关键信息基础设施运营者"};
  if (word == "other_operator") return {"other network operator", "其他网络运营者"};
  if (word == "central_state_organ_or_affiliate") return {"central state organ or its affiliate", "中央和国家机关各部门及其直属单位"};
  return {word, word};
}

Words question(const v1::LegalTest& test) {
  if (!test.ask().empty()) return {"To be answered by a person: " + test.ask(), "待人工判断：" + test.ask_zh()};
  const Words name = fact_name(test.fact());
  return {fmt::format("To be answered by a person: {}?", name.en), fmt::format("待人工判断：{}？", name.zh)};
}

Judgment judge_number(const v1::LegalTest& test, std::int64_t fact) {
  if (holds(test.cmp(), fact, test.n())) return {Verdict::yes, {}};
  const Words name = fact_name(test.fact());
  return {Verdict::no, {fmt::format("{}: {}, the threshold is {}", name.en, grouped(fact), grouped(test.n())),
                        fmt::format("{}：{}，门槛为{}", name.zh, grouped(fact), grouped(test.n()))}};
}

Judgment judge_word(const v1::LegalTest& test, const std::string& fact) {
  if ((fact == test.word()) == (test.cmp() == "eq")) return {Verdict::yes, {}};
  const Words name = fact_name(test.fact()), is = word_text(fact);
  return {Verdict::no, {fmt::format("{}: {}", name.en, is.en), fmt::format("{}：{}", name.zh, is.zh)}};
}

/// As its leaf says: what an unanswered question counts as.
Judgment judge_unknown(const v1::LegalTest& test) {
  if (test.unknown() == "yes") return {Verdict::yes, {}};
  const Words name = fact_name(test.fact());
  if (test.unknown() == "no") return {Verdict::no, {fmt::format("{}: nothing is known of it", name.en), fmt::format("{}：目前未发现", name.zh)}};
  return {Verdict::open, question(test)};
}

Judgment judge_plain(const v1::LegalTest& test, const IncidentFacts& facts) {
  const auto fact = facts.fact(test.fact());
  if (!fact) return judge_unknown(test);
  if (test.has_n() && std::holds_alternative<std::int64_t>(*fact)) return judge_number(test, std::get<std::int64_t>(*fact));
  if (!test.has_n() && std::holds_alternative<std::string>(*fact)) return judge_word(test, std::get<std::string>(*fact));
  return {Verdict::open, question(test)};   // An answer of the wrong kind is no answer.
}

/// Whether the incident has at least the level that the test names.
Judgment judge_grade(const v1::LegalTest& test, const v1::Grading& grading, const IncidentFacts& facts) {
  Judgment open{Verdict::no, {}};
  Words below, questions;
  for (const v1::Grade& grade : grading.levels()) {
    for (const v1::LegalTest& criterion : grade.any_of()) {
      const Judgment judgment = judge_plain(criterion, facts);
      if (judgment.verdict == Verdict::yes && is_verified(criterion.c())) return {Verdict::yes, {}};
      if (judgment.verdict == Verdict::yes)
        open = {Verdict::open, {fmt::format("The criterion `{}` of grade {} has not been legally reviewed", criterion.fact(), grade.id()),
                                fmt::format("分级标准“{}”（{}级）尚未经法律审核", criterion.fact(), grade.id())}};
      if (criterion.fact() == "persons_leaked" && judgment.verdict == Verdict::no) below = judgment.why;
      if (grade.id() == test.word() && !criterion.ask().empty() && !facts.fact(criterion.fact())) questions = question(criterion);
    }
    if (grade.id() == test.word()) break;
  }
  if (open.verdict == Verdict::open) return open;
  if (questions.en.empty()) return {Verdict::no, below};
  return {Verdict::no, {below.en + ". " + questions.en, below.zh + "。" + questions.zh}};
}

}  // namespace

Judgment judge(const v1::LegalTest& test, const v1::Grading& grading, const IncidentFacts& facts) {
  const Judgment judgment = test.fact() == "grade" ? judge_grade(test, grading, facts) : judge_plain(test, facts);
  if (judgment.verdict == Verdict::open || test.c() != "FM") return judgment;
  return {Verdict::open, {"The threshold itself has not been legally reviewed", "该门槛本身尚未经法律审核"}};
}

const v1::Grade* grade_of(const v1::Grading& grading, const IncidentFacts& facts) {
  for (const v1::Grade& grade : grading.levels()) {
    if (grade.residual()) return &grade;
    for (const v1::LegalTest& criterion : grade.any_of())
      if (is_verified(criterion.c()) && judge_plain(criterion, facts).verdict == Verdict::yes) return &grade;
  }
  return nullptr;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace tocsin::law
