// hit_lines.cpp: one copy for the number, one for the rest.
#include "daemon/detect/hit_lines.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>

#include "daemon/base/json.h"

namespace tocsin::detect {

HitLines::HitLines(const sigma::RuleSet& rules, LineBuffer& out) : rules_(rules), out_(out), tails_(rules.rules().size()) {
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    const sigma::Rule& rule = rules.rules()[i];
    if (rule.detection() == nullptr || !rule.alerts()) continue;
    tails_[i] = fmt::format(R"(,"rule":"{}","title":"{}","level":"{}"}})"
                            "\n",
                            json_escaped(rule.id), json_escaped(rule.title), rule.level);
  }
  set_file({});
}

void HitLines::set_file(std::string_view file) {
  head_ = file.empty() ? R"({"event":)" : fmt::format(R"({{"file":"{}","event":)", json_escaped(file));
}

std::size_t HitLines::add(std::int64_t line, std::span<const std::uint32_t> found) {
  constexpr std::size_t kDigits = 20;
  const std::size_t before = head_.size();
  head_.resize(before + kDigits);
  const char* const end = std::to_chars(head_.data() + before, head_.data() + head_.size(), line).ptr;
  const std::string_view head(head_.data(), static_cast<std::size_t>(end - head_.data()));
  std::size_t written = 0;
  for (const std::uint32_t rule : found) {
    if (tails_[rule].empty()) continue;
    out_.add(head, tails_[rule]);
    ++written;
  }
  head_.resize(before);
  return written;
}

void HitLines::add(const v1::Alert& alert) {
  std::string group;
  for (const v1::FieldValue& part : alert.group()) {
    group += fmt::format(R"({}"{}":"{}")", group.empty() ? "" : ",", json_escaped(part.field()), json_escaped(part.value()));
  }
  const Instant at = instant_of(google::protobuf::util::TimeUtil::TimestampToMicroseconds(alert.triggered_at()));
  out_.add(fmt::format(R"({{"correlation":"{}","title":"{}","level":"{}","group":{{{}}},"time":"{}","count":{}}})"
                       "\n",
                       json_escaped(alert.rule_id()), json_escaped(alert.rule_title()), alert.level(), group, rfc3339(at), alert.count()));
}

}  // namespace tocsin::detect
