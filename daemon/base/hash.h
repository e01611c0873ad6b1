// hash.h: identities are hashes of causes; subjects are keyed hashes; bodies are sealed (libsodium).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/base/result.h"
#include "daemon/base/secret.h"

namespace tocsin {

/// A 128-bit identity, printed as 32 lower-case hex digits.
struct Id128 {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Id128&) const = default;
  std::string hex() const;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

Result<Id128> id128_from_hex(std::string_view hex);
Id128 id128_from_bytes(std::string_view sixteen);  ///< Promises 16 bytes.

/// BLAKE2b-128 over the parts, each prefixed by its length, so that ("ab","c") and ("a","bc") differ.
Id128 identity(std::initializer_list<std::string_view> parts);

/// BLAKE2b-256 of the bytes, as 64 hex digits: fingerprints of texts, sets and files.
std::string fingerprint(std::string_view bytes);
/// SHA-256 of the bytes, as 64 hex digits, where a standard names it.
std::string sha256_hex(std::string_view bytes);
/// HMAC-SHA-256, 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

std::string hex_of(std::string_view bytes);
Result<std::string> bytes_of_hex(std::string_view hex);
std::string base64_of(std::string_view bytes);                ///< Standard alphabet, padded.
std::string base64url_of(std::string_view bytes);             ///< URL alphabet, no padding (JWT).
Result<std::string> bytes_of_base64(std::string_view text);   ///< Standard alphabet, padded.

/// n bytes from the operating system.
std::string random_bytes(std::size_t n);

/// Authenticated encryption (XChaCha20-Poly1305): nonce ‖ ciphertext. `context` is bound but not stored.
/// The key has 32 bytes; anything else is a broken promise.
std::string seal(const Secret& key, std::string_view context, std::string_view clear);
/// bad_input where the key, the context or the bytes do not belong together.
Result<std::string> unseal(const Secret& key, std::string_view context, std::string_view sealed);

}  // namespace tocsin
