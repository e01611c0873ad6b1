// promise.h: a broken promise of our own code stops the process, in release builds too.
#pragma once

namespace tocsin {

/// Prints the promise and where it was broken to stderr, then aborts. User input must never reach it.
[[noreturn]] void promise_broken(const char* promise, const char* file, int line);

}  // namespace tocsin

#define TOCSIN_ASSERT(promise) \
  (static_cast<bool>(promise) ? static_cast<void>(0) : ::tocsin::promise_broken(#promise, __FILE__, __LINE__))
