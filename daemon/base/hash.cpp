// hash.cpp: the only file that knows libsodium.
#include "daemon/base/hash.h"

#include <sodium.h>

#include "daemon/base/promise.h"

namespace tocsin {
namespace {

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void feed_length(crypto_generichash_state& state, std::uint64_t length) {
  std::array<unsigned char, 8> le{};
  for (int i = 0; i < 8; ++i) le[static_cast<std::size_t>(i)] = static_cast<unsigned char>(length >> (8 * i));
  crypto_generichash_update(&state, le.data(), le.size());
}

std::string base64(std::string_view in, int variant) {
  std::string out(sodium_base64_encoded_len(in.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes(in), in.size(), variant);
  out.resize(out.size() - 1);  // The library writes a final NUL.
  return out;
}

}  // namespace

std::string Id128::hex() const { return hex_of(view()); }

Result<Id128> id128_from_hex(std::string_view hex) {
  auto raw = bytes_of_hex(hex);
  if (!raw || raw->size() != 16) return bad_input(fmt::format("`{}` is not an identity of 32 hex digits", hex.substr(0, 64)));
  return id128_from_bytes(*raw);
}

Id128 id128_from_bytes(std::string_view sixteen) {
  TOCSIN_ASSERT(sixteen.size() == 16);
  Id128 id;
  std::copy(sixteen.begin(), sixteen.end(), reinterpret_cast<char*>(id.bytes.data()));
  return id;
}

Id128 identity(std::initializer_list<std::string_view> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  for (const std::string_view part : parts) {
    feed_length(state, part.size());
    crypto_generichash_update(&state, bytes(part), part.size());
  }
  Id128 id;
  crypto_generichash_final(&state, id.bytes.data(), id.bytes.size());
  return id;
}

std::string fingerprint(std::string_view in) {
  std::array<unsigned char, 32> out{};
  crypto_generichash(out.data(), out.size(), bytes(in), in.size(), nullptr, 0);
  return hex_of({reinterpret_cast<const char*>(out.data()), out.size()});
}

std::string sha256_hex(std::string_view in) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> out{};
  crypto_hash_sha256(out.data(), bytes(in), in.size());
  return hex_of({reinterpret_cast<const char*>(out.data()), out.size()});
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes(message), message.size());
  std::string out(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string hex_of(std::string_view in) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(in.size() * 2);
  for (const char c : in) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

Result<std::string> bytes_of_hex(std::string_view hex) {
  std::string out(hex.size() / 2, '\0');
  std::size_t length = 0;
  if (hex.size() % 2 != 0 || sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), hex.data(), hex.size(),
                                            nullptr, &length, nullptr) != 0 || length != out.size()) {
    return bad_input(fmt::format("`{}` is not hexadecimal", hex.substr(0, 64)));
  }
  return out;
}

std::string base64_of(std::string_view in) { return base64(in, sodium_base64_VARIANT_ORIGINAL); }
std::string base64url_of(std::string_view in) { return base64(in, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

Result<std::string> bytes_of_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), " \r\n\t", &length,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return bad_input("not base64");
  }
  out.resize(length);
  return out;
}

std::string random_bytes(std::size_t n) {
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

std::string seal(const Secret& key, std::string_view context, std::string_view clear) {
  TOCSIN_ASSERT(key.reveal().size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  std::string out = random_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const std::size_t nonce = out.size();
  out.resize(nonce + clear.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(out.data()) + nonce, nullptr, bytes(clear),
                                             clear.size(), bytes(context), context.size(), nullptr, bytes(out),
                                             bytes(key.reveal()));
  return out;
}

Result<std::string> unseal(const Secret& key, std::string_view context, std::string_view sealed) {
  TOCSIN_ASSERT(key.reveal().size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (sealed.size() < kNonce + kTag) return bad_input("sealed text is cut off");
  std::string clear(sealed.size() - kNonce - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(clear.data()), nullptr, nullptr,
                                                 bytes(sealed) + kNonce, sealed.size() - kNonce, bytes(context), context.size(),
                                                 bytes(sealed), bytes(key.reveal())) != 0) {
    return bad_input("sealed text does not open: wrong key, wrong place, or changed");
  }
  return clear;
}

}  // namespace tocsin
