// bind_test.cpp: what may be listened on, and what is refused.
#include "daemon/serve/bind.h"

#include <gtest/gtest.h>

namespace tocsin::serve {
namespace {

TEST(Bind, loopback_is_known_in_both_families_and_by_its_name) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:0", "[::1]:9464", "localhost:80"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_TRUE(endpoint->loopback) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:9464", "10.0.0.1:80", "tocsin.example:80"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_FALSE(endpoint->loopback) << text;
  }
}

TEST(Bind, nonsense_is_bad_input_that_shows_the_right_form) {
  for (const char* text : {"", "9464", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "127.0.0.1:65536", "127.0.0.1:x", "[]:80"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().kind, ErrorKind::bad_input);
    EXPECT_NE(endpoint.error().text.find("127.0.0.1:9464"), std::string::npos);
  }
}

TEST(Bind, strangers_need_tls_and_a_token_both) {
  const Endpoint open{"0.0.0.0", 80, false};
  EXPECT_TRUE(check_bind("x", Endpoint{"127.0.0.1", 80, true}, false, false));
  EXPECT_TRUE(check_bind("x", open, true, true));
  for (const auto& [tls, tokens] : {std::pair{false, false}, {true, false}, {false, true}}) {
    const auto refusal = check_bind("serve.http.listen", open, tls, tokens);
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().kind, ErrorKind::refused);
    EXPECT_EQ(refusal.error().text.find("`tls`") != std::string::npos, !tls);
    EXPECT_EQ(refusal.error().text.find("`token_file`") != std::string::npos, !tokens);
  }
}

}  // namespace
}  // namespace tocsin::serve
