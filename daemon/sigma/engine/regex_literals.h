// regex_literals.h: the literal texts without which a regular expression finds nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::sigma {

/// Texts in lower case, one of which stands in every text in which the expression (RE2 syntax) finds something; empty where
/// none can be told. Where the expression ignores case, letters that Unicode folds to others (`k`, `s`) are left out.
std::optional<std::vector<std::string>> needed_literals(std::string_view expression);

}  // namespace tocsin::sigma
