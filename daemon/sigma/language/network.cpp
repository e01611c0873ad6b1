// network.cpp: reading and comparing addresses.
#include "daemon/sigma/language/network.h"

#include <arpa/inet.h>

#include <charconv>
#include <optional>

namespace tocsin::sigma {
namespace {

struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};
};

std::optional<Address> address_of(std::string_view text) {
  char copy[INET6_ADDRSTRLEN + 1] = {};
  if (text.size() >= sizeof copy) return std::nullopt;
  text.copy(copy, text.size());
  Address out;
  if (inet_pton(AF_INET, copy, out.bytes.data()) == 1) return out;
  out.v6 = true;
  if (inet_pton(AF_INET6, copy, out.bytes.data()) != 1) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), out.bytes.begin())) {
    Address v4;
    std::copy(out.bytes.begin() + 12, out.bytes.end(), v4.bytes.begin());
    return v4;
  }
  return out;
}

bool bit(const std::array<std::uint8_t, 16>& bytes, unsigned at) { return ((bytes[at / 8] >> (7 - at % 8)) & 1U) != 0; }

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = address_of(text.substr(0, slash));
  if (!address) return bad_input(fmt::format("`{}` is no IPv4 or IPv6 network", text));
  Network out;
  out.v6_ = address->v6;
  out.bytes_ = address->bytes;
  const unsigned width = out.v6_ ? 128 : 32;
  out.prefix_ = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out.prefix_);
    if (code != std::errc() || end != digits.data() + digits.size() || out.prefix_ > width) {
      return bad_input(fmt::format("`/{}` is no prefix length from 0 to {}", digits, width));
    }
  }
  for (unsigned i = out.prefix_; i < width; ++i) {
    if (bit(out.bytes_, i)) return bad_input(fmt::format("`{}` has bits set behind its prefix", text));
  }
  return out;
}

bool Network::contains(std::string_view address) const {
  const auto other = address_of(address);
  if (!other || other->v6 != v6_) return false;
  for (unsigned i = 0; i < prefix_; ++i) {
    if (bit(bytes_, i) != bit(other->bytes, i)) return false;
  }
  return true;
}

std::string Network::text() const {
  char address[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), address, sizeof address);
  return fmt::format("{}/{}", address, prefix_);
}

}  // namespace tocsin::sigma
