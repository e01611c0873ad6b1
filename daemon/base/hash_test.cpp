// hash_test.cpp: known answers, and seals that do not open for anybody else.
#include "daemon/base/hash.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Hash, known_answers_hold) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(hmac_sha256("Jefe", "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(fingerprint("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Hash, an_identity_is_for_ever) {
  // Stored ids depend on this value: it must never change.
  EXPECT_EQ(identity({"default", "rule", "x"}).hex(), identity({"default", "rule", "x"}).hex());
  EXPECT_EQ(identity({}).hex(), "cae66941d9efbd404e4d88758ea67670");
}

TEST(Hash, parts_of_an_identity_do_not_run_together) {
  EXPECT_NE(identity({"ab", "c"}), identity({"a", "bc"}));
  EXPECT_NE(identity({"ab"}), identity({"ab", ""}));
}

TEST(Hash, hex_and_base64_go_there_and_back) {
  const std::string raw("\x00\xff\x10 z", 5);
  EXPECT_EQ(*bytes_of_hex(hex_of(raw)), raw);
  EXPECT_EQ(*bytes_of_base64(base64_of(raw)), raw);
  EXPECT_EQ(base64url_of("\xfb\xff"), "-_8");
  for (const char* bad : {"0", "zz", "0g"}) EXPECT_FALSE(bytes_of_hex(bad)) << bad;
  EXPECT_FALSE(bytes_of_base64("a"));
  EXPECT_FALSE(bytes_of_base64("a-_b"));
  EXPECT_EQ(id128_from_hex("00112233445566778899aabbccddeeff")->hex(), "00112233445566778899aabbccddeeff");
  EXPECT_FALSE(id128_from_hex("00"));
}

TEST(Hash, a_seal_opens_only_with_its_key_and_context) {
  const Secret key(std::string(32, 'k')), other(std::string(32, 'o'));
  const std::string sealed = seal(key, "contact", "alice@example.org");
  EXPECT_EQ(*unseal(key, "contact", sealed), "alice@example.org");
  EXPECT_FALSE(unseal(other, "contact", sealed));
  EXPECT_FALSE(unseal(key, "notice", sealed));
  EXPECT_FALSE(unseal(key, "contact", sealed.substr(1)));
  EXPECT_FALSE(unseal(key, "contact", "short"));
  std::string changed = sealed;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_FALSE(unseal(key, "contact", changed));
  EXPECT_NE(seal(key, "contact", "x"), seal(key, "contact", "x"));   // A fresh nonce each time.
}

TEST(HashDeathTest, a_key_of_the_wrong_length_is_a_broken_promise) {
  EXPECT_DEATH((void)seal(Secret("short"), "c", "t"), "broken promise");
}

}  // namespace
}  // namespace tocsin
