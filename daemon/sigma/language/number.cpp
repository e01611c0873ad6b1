// number.cpp: comparing number tokens.
#include "daemon/sigma/language/number.h"

#include <cstdlib>
#include <string>

namespace tocsin::sigma {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view token, std::size_t at) {
  std::size_t end = at;
  while (end < token.size() && is_digit(token[end])) ++end;
  return end - at;
}

bool is_whole(std::string_view token) { return token.find_first_of(".eE") == std::string_view::npos; }

struct Whole {
  bool negative;
  std::string_view digits;  ///< Without leading zeros; empty is zero.
};

Whole whole_of(std::string_view token) {
  const bool sign = token[0] == '-' || token[0] == '+';
  std::string_view rest = token.substr(sign ? 1 : 0);
  rest.remove_prefix(std::min(rest.find_first_not_of('0'), rest.size()));
  return {token[0] == '-' && !rest.empty(), rest};
}

std::partial_ordering compare_whole(const Whole& a, const Whole& b) {
  if (a.negative != b.negative) return a.negative ? std::partial_ordering::less : std::partial_ordering::greater;
  std::partial_ordering size = a.digits.size() <=> b.digits.size();
  if (size == 0) size = a.digits.compare(b.digits) <=> 0;
  if (!a.negative) return size;
  return size < 0 ? std::partial_ordering::greater : size > 0 ? std::partial_ordering::less : size;
}

}  // namespace

bool is_number(std::string_view token) {
  std::size_t at = !token.empty() && (token[0] == '-' || token[0] == '+') ? 1 : 0;
  std::size_t n = digits(token, at);
  if (n == 0) return false;
  at += n;
  if (at < token.size() && token[at] == '.') {
    n = digits(token, at + 1);
    if (n == 0) return false;
    at += 1 + n;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '-' || token[at] == '+')) ++at;
    n = digits(token, at);
    if (n == 0) return false;
    at += n;
  }
  return at == token.size();
}

std::optional<std::partial_ordering> compare_numbers(std::string_view a, std::string_view b) {
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  if (is_whole(a) && is_whole(b)) return compare_whole(whole_of(a), whole_of(b));
  return std::strtod(std::string(a).c_str(), nullptr) <=> std::strtod(std::string(b).c_str(), nullptr);
}

}  // namespace tocsin::sigma
