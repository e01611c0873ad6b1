// faults.cpp: collecting carets.
#include "daemon/sigma/language/faults.h"

#include <fmt/ranges.h>

namespace tocsin::sigma {

void Faults::add(const yaml::File& file, const yaml::Node& at, std::string_view message, std::string_view hint) {
  texts_.push_back(yaml::fault(file, at, message, hint).value().text);
}

void Faults::add_within(const yaml::File& file, const yaml::Node& scalar, std::size_t offset, std::size_t width,
                        std::string_view message, std::string_view hint) {
  // Columns count characters. A block scalar begins behind its `|`; there the whole value is what we can point at.
  const std::string_view before = std::string_view(scalar.text).substr(0, offset);
  if (scalar.text.find('\n') != std::string::npos) return add(file, scalar, message, hint);
  const auto characters = std::count_if(before.begin(), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  yaml::Mark mark = scalar.mark;
  mark.column += static_cast<std::uint32_t>(characters) + (scalar.quoted ? 1 : 0);
  texts_.push_back(yaml::caret(file, mark, width, message, hint));
}

Result<void> Faults::outcome() const {
  if (texts_.empty()) return {};
  return bad_input(fmt::format("{}", fmt::join(texts_, "\n")));
}

}  // namespace tocsin::sigma
