// log_source_names.h: the log sources that Sigma's taxonomy and its public rules name, and ours.
#pragma once

#include <span>
#include <string_view>

namespace tocsin::sigma {

/// Sorted.
std::span<const std::string_view> known_products();
std::span<const std::string_view> known_categories();
std::span<const std::string_view> known_services();

}  // namespace tocsin::sigma
