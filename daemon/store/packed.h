// packed.h: several texts as one, before it is sealed.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::store {

/// Each part behind its length.
std::string pack(std::initializer_list<std::string_view> parts);

/// Exactly `parts` of them; anything else is bad_input.
Result<std::vector<std::string>> unpack(std::string_view packed, std::size_t parts);

}  // namespace tocsin::store
