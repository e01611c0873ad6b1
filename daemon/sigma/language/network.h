// network.h: address ranges, IPv4 and IPv6.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin::sigma {

/// `10.0.0.0/8`, `2001:db8::/32`, or one address. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
class Network {
 public:
  /// bad_input where it is no network, or has bits behind its prefix: then its author meant something else.
  static Result<Network> parse(std::string_view text);
  bool contains(std::string_view address) const;
  std::string text() const;   ///< `10.0.0.0/8`

 private:
  bool v6_ = false;
  unsigned prefix_ = 0;
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace tocsin::sigma
