// allocations.h: counts what operator new gives. Included by one file of a test program, whose operators it replaces.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

namespace tocsin::testing {

/// Calls of operator new on this thread since it began.
inline thread_local std::int64_t allocations = 0;

}  // namespace tocsin::testing

// NOLINTBEGIN(misc-definitions-in-headers): one file includes this.
void* operator new(std::size_t size) {
  ++tocsin::testing::allocations;
  if (void* const at = std::malloc(size == 0 ? 1 : size)) return at;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t align) {
  ++tocsin::testing::allocations;
  const auto to = static_cast<std::size_t>(align);
  if (void* const at = std::aligned_alloc(to, (size + to - 1) / to * to)) return at;
  throw std::bad_alloc();
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
// NOLINTEND(misc-definitions-in-headers)
