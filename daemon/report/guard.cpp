// guard.cpp: looks for clear values in every text of a report.
#include "daemon/report/guard.h"

#include "daemon/report/printed.h"

namespace tocsin::report {
namespace {

constexpr std::size_t kShortest = 3;   // "a" or "7" stand in every text.

std::string lower(std::string text) {
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

bool is_word_byte(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'); }

/// Chinese has no blanks between words, so only ASCII letters and digits at both sides hide a match.
bool stands_in(const std::string& text, const std::string& value) {
  for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 1)) {
    const std::size_t end = at + value.size();
    const bool open_left = at == 0 || !is_word_byte(value.front()) || !is_word_byte(text[at - 1]);
    const bool open_right = end == text.size() || !is_word_byte(value.back()) || !is_word_byte(text[end]);
    if (open_left && open_right) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> clear_values_of(const v1::Incident& incident) {
  std::vector<std::string> values;
  for (const v1::FieldValue& field : incident.group()) values.push_back(field.value());
  return values;
}

Result<void> check_no_clear_values(const v1::Report& report, const v1::Report& blank, const std::vector<std::string>& values) {
  std::string plain;
  for (const PrintedLeaf& leaf : printed_leaves(blank)) plain += lower(leaf.text) + "\n";
  const auto leaves = printed_leaves(report);
  for (const std::string& value : values) {
    const std::string wanted = lower(value);
    if (wanted.size() < kShortest || stands_in(plain, wanted)) continue;
    for (const PrintedLeaf& leaf : leaves)
      if (stands_in(lower(leaf.text), wanted) || stands_in(lower(leaf.raw), wanted))
        return refused(fmt::format("the report would show a clear value of the incident in {}: take it out of the text there (organisation, rule title)", leaf.path));
  }
  return {};
}

}  // namespace tocsin::report
