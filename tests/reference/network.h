// network.h: addresses and networks, bit by bit.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace tocsin::reference {

using Bits = std::vector<bool>;  ///< 32 of an IPv4 address, 128 of an IPv6 address.

/// An IPv4 address that is written as IPv6 is the IPv4 address.
std::optional<Bits> address_of(std::string_view text);

/// The bits that all addresses of a network begin with, and how long its addresses are.
struct Network {
  Bits prefix;
  std::size_t address_bits = 0;
  bool holds(std::string_view address) const;
};
std::optional<Network> network_of(std::string_view text);

}  // namespace tocsin::reference
