// placeholders.h: the values behind `%name%` of `expand`, which every site has its own of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/sigma/language/faults.h"
#include "daemon/sigma/language/pattern.h"

namespace tocsin::sigma {

/// Name → its values, as Sigma writes texts: wildcards and escapes count. The names of a rule are only looked up here; they
/// never become paths.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Files, and folders with all their *.txt, *.yml and *.yaml. `NAME.txt` has one value a line; blank lines and those that
/// begin with `#` are left out. A YAML file is a map: name → value or list of values. A name may come from several files; then
/// it has the values of all. bad_input with every fault where one cannot be read, or has no values.
Result<Placeholders> load_placeholders(const std::vector<std::string>& paths);

/// What one value may become, and the name that could not be resolved, where that is what went wrong.
struct Expansion {
  std::size_t texts = 0, bytes = 0;
  std::string unresolved;
};

/// Replaces each `%name%` of the string in every way, `\%` by `%`. What cannot be resolved, and more than it may become, is
/// bad_input.
Result<std::vector<SigmaString>> expanded(const SigmaString& string, const Placeholders& placeholders, Expansion& may);

/// The same within a regular expression, where a value stands for itself and its wildcards for `.*` and `.`.
Result<std::vector<std::string>> expanded_regex(std::string_view expression, const Placeholders& placeholders, Expansion& may);

}  // namespace tocsin::sigma
