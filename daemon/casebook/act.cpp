// act.cpp: principals and the JSON of audit rows.
#include "daemon/casebook/act.h"

namespace tocsin::casebook {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else out += c;
  }
  out += '"';
}

}  // namespace

std::string_view person_of(std::string_view principal) {
  const std::size_t colon = principal.find(':');
  return colon == std::string_view::npos ? principal : principal.substr(colon + 1);
}

bool is_machine(std::string_view principal) {
  const std::string_view person = person_of(principal);
  return person == store::kSystem || person == kPlaybook;
}

std::string json_object(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ',';
    append_quoted(out, name);
    out += ':';
    append_quoted(out, value);
  }
  return out + "}";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

Result<void> demand_words(std::string_view text, std::string_view what) {
  if (trimmed(text).empty()) return bad_input(fmt::format("{} is missing: say it in a few words, they are kept with the incident", what));
  if (text.size() > limits::kDecisionBytesMax) return bad_input(fmt::format("{} is longer than {} bytes: put it into a file and name that", what, limits::kDecisionBytesMax));
  return {};
}

}  // namespace tocsin::casebook
