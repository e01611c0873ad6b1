// hit_lines.cpp: one copy for the number, one for the rest.
#include "daemon/detect/hit_lines.h"

#include <fmt/compile.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>

#include "daemon/base/json.h"
#include "daemon/sigma/veil.h"

namespace tocsin::detect {
namespace {

/// Texts that came through a decoder are UTF-8: only these need an escape, and few have any.
void add_escaped(std::string_view text, std::string& to) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
  if (plain) to += text;
  else to += json_escaped(text);
}

}  // namespace

HitLines::HitLines(const sigma::RuleSet& rules, LineBuffer& out) : rules_(rules), out_(out), tails_(rules.rules().size()), correlations_(tails_.size()) {
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    const sigma::Rule& rule = rules.rules()[i];
    if (const sigma::Correlation* correlation = rule.correlation()) {
      std::string before = fmt::format(R"({{"correlation":"{}","title":"{}","level":"{}","group":{{)", json_escaped(rule.id), json_escaped(rule.title), rule.level);
      for (const std::string& field : correlation->group_by) {
        correlations_[i].fields.push_back(before + fmt::format(R"("{}":")", json_escaped(field)));
        before = "\",";
      }
      correlations_[i].fields.push_back(correlation->group_by.empty() ? before + R"(},"time":")" : R"("},"time":")");
      correlations_[i].rest = fmt::format(R"(","{}":)", correlation->type->counting == sigma::Counting::numbers ? "value" : "count");
    }
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

void HitLines::add(const sigma::StreamHit& hit, const Event& event) {
  const Correlation& pieces = correlations_[hit.rule];
  line_.clear();
  for (std::size_t i = 0; i < hit.group.size(); ++i) {
    line_ += pieces.fields[i];
    if (event.clear_ids.empty()) add_escaped(hit.group[i], line_);
    else add_escaped(sigma::veiled(hit.group[i], event), line_);
  }
  line_ += pieces.fields.back();
  add_time(hit.time);
  line_ += pieces.rest;
  if (hit.value.parts == 1 && hit.value.steps % sigma::windows::kStep == 0) {
    fmt::format_to(std::back_inserter(line_), FMT_COMPILE("{}"), static_cast<std::int64_t>(hit.value.steps / sigma::windows::kStep));
  } else {
    line_ += sigma::windows::text_of(hit.value);
  }
  line_ += "}\n";
  out_.add(line_);
}

void HitLines::add_time(std::int64_t micros) {
  std::int64_t second = micros / 1'000'000, rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --second;
  }
  if (second != second_ || second_text_.empty()) {
    second_ = second;
    second_text_ = rfc3339(instant_of(second * 1'000'000));
    second_text_.pop_back();   // The Z comes behind the fraction.
  }
  line_ += second_text_;
  if (rest != 0) fmt::format_to(std::back_inserter(line_), FMT_COMPILE(".{:06}"), rest);
  line_ += 'Z';
}

}  // namespace tocsin::detect
