// promise.cpp: how a broken promise is reported.
#include "daemon/base/promise.h"

#include <cstdio>
#include <cstdlib>

namespace tocsin {

void promise_broken(const char* promise, const char* file, int line) {
  std::fprintf(stderr, "tocsin: broken promise: %s (%s:%d)\n", promise, file, line);
  std::abort();
}

}  // namespace tocsin
