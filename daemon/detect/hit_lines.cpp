// hit_lines.cpp: one copy for the number, one for the rest.
#include "daemon/detect/hit_lines.h"

#include <google/protobuf/util/time_util.h>

#include <charconv>

#include "daemon/base/json.h"
#include "daemon/sigma/veil.h"

namespace tocsin::detect {
namespace {

constexpr std::size_t kEscapeMost = 6;   // Bytes that one may become: \u001f.
constexpr std::size_t kNumbersMost = 256; // Time, count and the end of a line.

/// Texts that came through a decoder are UTF-8: only control characters, quotes and backslashes need an escape, and few have any.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHigh = 0x8080808080808080U;
  const auto below = [](std::uint64_t word, std::uint64_t byte) { return (word - kOnes * byte) & ~word & kHigh; };
  while (!text.empty()) {
    std::uint64_t word = kOnes * ' ';
    const std::size_t bytes = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), bytes);
    if ((below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1)) != 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

char* write(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write_escaped(std::string_view text, char* to) { return is_plain(text) ? write(text, to) : write(json_escaped(text), to); }

char* write_value(const sigma::windows::Value& value, char* to) {
  using sigma::windows::kStep;
  const auto steps = static_cast<std::int64_t>(value.steps);
  if (value.parts == 1 && steps == value.steps && steps % kStep == 0) return std::to_chars(to, to + 20, steps / kStep).ptr;
  return write(sigma::windows::text_of(value), to);
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
      correlations_[i].bytes = correlations_[i].rest.size();
      for (const std::string& piece : correlations_[i].fields) correlations_[i].bytes += piece.size();
      correlations_[i].alerts = rule.alerts();
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

std::size_t HitLines::add(const sigma::StreamHit& hit, const Event& event) {
  const Correlation& pieces = correlations_[hit.rule];
  if (!pieces.alerts) return 0;
  std::size_t most = pieces.bytes + kNumbersMost;
  for (const std::string_view value : hit.group) most += value.size() * kEscapeMost;
  if (!event.clear_ids.empty() || most > LineBuffer::kBytes) {
    // What hides people may be longer than what it hides.
    std::vector<std::string> veiled;
    for (const std::string_view value : hit.group) veiled.push_back(sigma::veiled(value, event));
    const std::vector<std::string_view> group(veiled.begin(), veiled.end());
    most = pieces.bytes + kNumbersMost;
    for (const std::string_view value : group) most += value.size() * kEscapeMost;
    line_.resize(most);
    line_.resize(static_cast<std::size_t>(write_hit({hit.rule, hit.time, group, hit.value}, line_.data()) - line_.data()));
    out_.add(line_);
    return 1;
  }
  char* const to = out_.room(most);
  out_.taken(static_cast<std::size_t>(write_hit(hit, to) - to));
  return 1;
}

char* HitLines::write_hit(const sigma::StreamHit& hit, char* to) {
  const Correlation& pieces = correlations_[hit.rule];
  for (std::size_t i = 0; i < hit.group.size(); ++i) to = write_escaped(hit.group[i], write(pieces.fields[i], to));
  to = write_time(hit.time, write(pieces.fields.back(), to));
  return write("}\n", write_value(hit.value, write(pieces.rest, to)));
}

/// RFC 3339.
char* HitLines::write_time(std::int64_t micros, char* to) {
  if (micros != micros_) {
    micros_ = micros;
    time_bytes_ = rfc3339_in(time_, instant_of(micros)).size();
  }
  return write({time_.data(), time_bytes_}, to);
}

}  // namespace tocsin::detect
