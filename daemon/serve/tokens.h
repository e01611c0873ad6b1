// tokens.h: bearer tokens from a file: who may speak over the network, and as whom.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin::serve {

/// Lines `principal:token`; blank lines and lines that begin with `#` are skipped. Tokens have at least 16 characters.
/// Only their hashes are kept. Immutable after loading, any thread.
class Tokens {
 public:
  static Result<Tokens> load(const std::string& path);
  /// The principal of `Bearer <token>` (the whole header value), or nothing.
  std::optional<std::string> principal(std::string_view authorization) const;
  bool empty() const { return by_hash_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> by_hash_;
};

}  // namespace tocsin::serve
