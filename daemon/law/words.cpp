// words.cpp: clock events, phases and limits as a person reads them.
#include "daemon/law/words.h"

namespace tocsin::law {
namespace {

struct Row {
  std::string_view key, en, zh;
};

constexpr Row kClockEvents[] = {
    {"aware", "the organisation became aware", "发现或获知"},
    {"contained", "the access was stopped", "事件得到控制"},
    {"detected", "monitoring found it", "监测发现"},
    {"handling_closed", "handling was finished", "处置结束"},
    {"individual_notice_sent", "the first notice to individuals was sent", "向个人发出首份通知"},
    {"occurred", "it happened", "事件发生"},
    {"regulator_initial_sent", "the first report to the regulator was filed", "首次报告提交"},
};

constexpr Row kPhases[] = {
    {"annual", "yearly report", "年度报告"},        {"final", "final report", "总结报告"},
    {"initial", "first report", "首次报告"},        {"interim", "interim report", "中期报告"},
    {"pre_warning", "early warning", "预警"},       {"supplement", "supplement", "补充报告"},
};

constexpr Row kQualifiers[] = {
    {"as_soon_as_feasible", "as soon as feasible", "在可行时尽快"},  {"as_soon_as_practicable", "as soon as practicable", "在可行时尽快"},
    {"immediately", "immediately", "立即"},                          {"most_expedient", "in the most expedient time", "以最快速度"},
    {"promptly", "promptly", "及时"},                                {"without_delay", "without delay", "不迟延"},
    {"without_undue_delay", "without undue delay", "不得无故拖延"},
};

constexpr Row kUnits[] = {
    {"business_days", "business days", "个工作日"}, {"calendar_days", "days", "日"}, {"hours", "hours", "小时"},
    {"minutes", "minutes", "分钟"},                 {"months", "months", "个月"},
};

template <std::size_t N>
Words look_up(const Row (&rows)[N], std::string_view key) {
  for (const Row& row : rows)
    if (row.key == key) return {std::string(row.en), std::string(row.zh)};
  return {std::string(key), std::string(key)};
}

}  // namespace

Words clock_event_words(std::string_view kind) { return look_up(kClockEvents, kind); }
Words phase_words(std::string_view phase) { return look_up(kPhases, phase); }
Words no_limit_words() { return {"no time limit", "未规定期限"}; }

Words limit_words(const v1::TimeLimit& limit) {
  const Words qualifier = look_up(kQualifiers, limit.qualifier());
  if (!limit.has_n()) return qualifier.en.empty() ? no_limit_words() : qualifier;
  Words unit = look_up(kUnits, limit.unit());
  if (limit.n() == 1) unit.en.pop_back();
  Words words{fmt::format("within {} {}", limit.n(), unit.en), fmt::format("{}{}内", limit.n(), unit.zh)};
  if (!qualifier.en.empty()) {
    words.en += ", " + qualifier.en;
    words.zh = qualifier.zh + "，至迟" + words.zh;
  }
  return words;
}

}  // namespace tocsin::law
