// failpoint.cpp: SIGKILL at the n-th pass, so that no destructor and no buffer can help.
#include "daemon/base/failpoint.h"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <mutex>

namespace tocsin {
namespace {

/// Passes left per name. Read from the environment once: a process cannot change its mind about when to die.
std::map<std::string, int, std::less<>> armed() {
  std::map<std::string, int, std::less<>> left;
  const char* text = std::getenv("TOCSIN_FAILPOINTS");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t colon = item.find(':');
    if (colon == std::string_view::npos) continue;
    int passes = 0;   // What is no number arms nothing.
    std::from_chars(item.data() + colon + 1, item.data() + item.size(), passes);
    left[std::string(item.substr(0, colon))] = passes;
  }
  return left;
}

}  // namespace

void failpoint(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, int, std::less<>> left = armed();
  static const bool none = left.empty();
  if (none) return;
  const std::lock_guard lock(mutex);
  const auto at = left.find(name);
  if (at != left.end() && --at->second == 0) std::raise(SIGKILL);
}

}  // namespace tocsin
