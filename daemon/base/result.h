// result.h: errors are values of three kinds, named by what the caller must do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace tocsin {

enum class ErrorKind : std::uint8_t {
  bad_input,    ///< The bytes, rule, config or request are wrong: fix them, retrying cannot help.
  unavailable,  ///< The world is not answering: the same call may succeed later.
  refused,      ///< The world, or our own policy, answered no: a person must look.
};

/// What went wrong, for a person. `text` carries the whole story, context first, caret last.
struct Error {
  ErrorKind kind = ErrorKind::unavailable;
  std::string text;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

inline Failure bad_input(std::string text) { return Failure(Error{ErrorKind::bad_input, std::move(text)}); }
inline Failure unavailable(std::string text) { return Failure(Error{ErrorKind::unavailable, std::move(text)}); }
inline Failure refused(std::string text) { return Failure(Error{ErrorKind::refused, std::move(text)}); }

/// Context is added once per floor: `return while_doing("loading the rules", std::move(r).error());`
inline Failure while_doing(std::string_view what, Error error) {
  error.text = std::string(what) + ": " + error.text;
  return Failure(std::move(error));
}

std::string_view name_of(ErrorKind kind);

}  // namespace tocsin

/// Leaves the function with the error of `expression`, or goes on. For Result<void>.
#define TOCSIN_TRY(expression)                                                        \
  do {                                                                                \
    if (auto tocsin_outcome = (expression); !tocsin_outcome)                          \
      return ::tocsin::Failure(std::move(tocsin_outcome).error());                    \
  } while (false)

#define TOCSIN_JOIN_INNER(a, b) a##b
#define TOCSIN_JOIN(a, b) TOCSIN_JOIN_INNER(a, b)
/// Declares `target` with the value of `expression` (a Result<T>), or leaves the function with its error.
#define TOCSIN_ASSIGN(target, expression)                                             \
  auto TOCSIN_JOIN(tocsin_result_, __LINE__) = (expression);                          \
  if (!TOCSIN_JOIN(tocsin_result_, __LINE__))                                         \
    return ::tocsin::Failure(std::move(TOCSIN_JOIN(tocsin_result_, __LINE__)).error()); \
  target = std::move(*TOCSIN_JOIN(tocsin_result_, __LINE__))
