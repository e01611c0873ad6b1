// network.cpp: dotted quads and colon groups to bits.
#include "tests/reference/network.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace tocsin::reference {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::optional<unsigned> number(std::string_view text, int base, std::size_t most_digits) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (text.empty() || text.size() > most_digits || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

void append(Bits& bits, unsigned value, int count) {
  for (int i = count; i-- > 0;) bits.push_back((value >> static_cast<unsigned>(i) & 1U) != 0);
}

std::optional<Bits> quad(std::string_view text) {
  Bits out;
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (const std::string_view part : parts) {
    const auto byte = number(part, 10, 3);
    if (!byte || *byte > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    append(out, *byte, 8);
  }
  return out;
}

/// Groups of four hexadecimal digits; the last may be a dotted quad.
std::optional<Bits> groups(std::string_view text, bool may_end_in_quad) {
  Bits out;
  if (text.empty()) return out;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (may_end_in_quad && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto tail = quad(parts[i]);
      if (!tail) return std::nullopt;
      out.insert(out.end(), tail->begin(), tail->end());
      continue;
    }
    const auto group = number(parts[i], 16, 4);
    if (!group) return std::nullopt;
    append(out, *group, 16);
  }
  return out;
}

std::optional<Bits> long_address(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    auto all = groups(text, true);
    return all && all->size() == 128 ? all : std::nullopt;
  }
  auto head = groups(text.substr(0, gap), false), tail = groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() > 112) return std::nullopt;
  head->resize(128 - tail->size(), false);
  head->insert(head->end(), tail->begin(), tail->end());
  return head;
}

/// Eighty zeros and sixteen ones: what stands before an IPv4 address that is written as IPv6.
bool is_mapped(const Bits& bits) {
  return bits.size() == 128 && std::none_of(bits.begin(), bits.begin() + 80, [](bool bit) { return bit; }) &&
         std::all_of(bits.begin() + 80, bits.begin() + 96, [](bool bit) { return bit; });
}

}  // namespace

std::optional<Bits> address_of(std::string_view text) {
  auto out = text.find(':') == std::string_view::npos ? quad(text) : long_address(text);
  if (out && is_mapped(*out)) out->erase(out->begin(), out->begin() + 96);
  return out;
}

std::optional<Network> network_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view written = text.substr(0, slash);
  const bool is_long = written.find(':') != std::string_view::npos;
  const auto bits = is_long ? long_address(written) : quad(written);
  if (!bits) return std::nullopt;
  const auto length = slash == std::string_view::npos ? std::optional<unsigned>(bits->size()) : number(text.substr(slash + 1), 10, 3);
  if (!length || *length > bits->size() || std::any_of(bits->begin() + *length, bits->end(), [](bool bit) { return bit; })) return std::nullopt;
  Network out{{bits->begin(), bits->begin() + *length}, bits->size()};
  if (is_long && is_mapped(*bits) && *length >= 96) out = {{bits->begin() + 96, bits->begin() + *length}, 32};
  return out;
}

bool Network::holds(std::string_view address) const {
  const auto bits = address_of(address);
  return bits && bits->size() == address_bits && std::equal(prefix.begin(), prefix.end(), bits->begin());
}

}  // namespace tocsin::reference
