// secret.h: a credential, and a piece of personal data, that cannot be printed by accident.
#pragma once

#include <string>
#include <utility>

namespace tocsin {

/// Has no operator<< and no formatter, so logging one does not compile. `reveal` is easy to grep.
template <typename Tag>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Guarded&) const = default;

 private:
  std::string text_;
};

using Secret = Guarded<struct SecretTag>;  ///< Passwords, tokens, keys.
using Pii = Guarded<struct PiiTag>;        ///< A clear address, name or identifier of a person.

}  // namespace tocsin
