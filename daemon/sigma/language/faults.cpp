// faults.cpp: collecting carets.
#include "daemon/sigma/language/faults.h"

#include <fmt/ranges.h>

#include "daemon/base/limits.h"

namespace tocsin::sigma {

yaml::Place place_within(const yaml::File& file, const yaml::Node& scalar, std::size_t offset, std::size_t width) {
  // Columns count characters. A block scalar begins behind its `|`; there the whole value is what we can point at.
  if (scalar.text.find('\n') != std::string::npos) return yaml::place_of(file, scalar);
  const std::string_view before = std::string_view(scalar.text).substr(0, offset);
  const auto characters = std::count_if(before.begin(), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  yaml::Node part;
  part.mark = scalar.mark;
  part.mark.column += static_cast<std::uint32_t>(characters) + (scalar.quoted ? 1 : 0);
  yaml::Place out = yaml::place_of(file, part);
  out.width = width;
  return out;
}

void Faults::add(const yaml::File& file, const yaml::Node& at, std::string_view message, std::string_view hint) {
  if (room()) texts_.push_back(yaml::fault(file, at, message, hint).value().text);
}

void Faults::add_within(const yaml::File& file, const yaml::Node& scalar, std::size_t offset, std::size_t width,
                        std::string_view message, std::string_view hint) {
  if (room()) texts_.push_back(yaml::caret(file.path, place_within(file, scalar, offset, width), message, hint));
}

void Faults::add_text(std::string text) {
  if (room()) texts_.push_back(std::move(text));
}

std::string Faults::did_you_mean(std::string_view word, const std::vector<std::string_view>& known) const {
  return texts_.size() < limits::kYamlFaultsMax ? yaml::did_you_mean(word, known) : "";
}

bool Faults::room() {
  if (texts_.size() < limits::kYamlFaultsMax) return true;
  ++more_;
  return false;
}

std::vector<std::string> Faults::take() {
  std::vector<std::string> out = std::exchange(texts_, {});
  if (more_ > 0) out.push_back(fmt::format("… and {} more faults there", std::exchange(more_, 0)));
  return out;
}

Result<void> Faults::outcome() const {
  if (texts_.empty()) return {};
  return bad_input(fmt::format("{}{}", fmt::join(texts_, "\n"), more_ > 0 ? fmt::format("\n… and {} more faults", more_) : ""));
}

}  // namespace tocsin::sigma
