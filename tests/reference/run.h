// run.h: how long a property test runs, and from which seed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace tocsin::reference {

/// TOCSIN_PROPERTY=full runs a property in its whole length, else a share that even an unoptimised build ends soon.
/// TOCSIN_SEED chooses other dice.
struct PropertyRun {
  bool full = false;
  std::uint64_t seed = 1;

  static PropertyRun from_environment() {
    PropertyRun out;
    const char* length = std::getenv("TOCSIN_PROPERTY");
    const char* seed = std::getenv("TOCSIN_SEED");
    out.full = length != nullptr && std::string_view(length) == "full";
    if (seed != nullptr) out.seed = std::strtoull(seed, nullptr, 10);
    std::cout << "  TOCSIN_SEED=" << out.seed << (out.full ? " TOCSIN_PROPERTY=full" : "") << "\n";
    return out;
  }
};

}  // namespace tocsin::reference
