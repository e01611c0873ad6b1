// tokens_test.cpp: the token file and what it accepts.
#include "daemon/serve/tokens.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace tocsin::serve {
namespace {

class TokenFile : public testing::Test {
 protected:
  TokenFile() {
    char pattern[] = "/tmp/tocsin-tokens-XXXXXX";
    folder_ = mkdtemp(pattern);
    path_ = folder_ + "/tokens";
  }
  ~TokenFile() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  std::string folder_, path_;
};

TEST_F(TokenFile, a_bearer_token_names_its_owner_and_nothing_else_does) {
  write("# people\nalice:0123456789abcdef\n\nsoc:lead:fedcba9876543210\n");
  const auto tokens = Tokens::load(path_);
  ASSERT_TRUE(tokens) << tokens.error().text;
  EXPECT_EQ(tokens->principal("Bearer 0123456789abcdef"), "alice");
  EXPECT_EQ(tokens->principal("Bearer fedcba9876543210"), "soc:lead");
  for (const char* header : {"", "Bearer ", "Bearer 0123456789abcdeg", "bearer 0123456789abcdef", "Basic 0123456789abcdef", "0123456789abcdef"}) {
    EXPECT_FALSE(tokens->principal(header)) << header;
  }
}

TEST_F(TokenFile, faults_point_at_their_line_and_never_repeat_the_token) {
  write("alice:0123456789abcdef\nno-colon-here\n");
  auto tokens = Tokens::load(path_);
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().text, path_ + ":2:1: expected `principal:token`");
  write("alice:short\n");
  tokens = Tokens::load(path_);
  ASSERT_FALSE(tokens);
  EXPECT_NE(tokens.error().text.find(":1:7: a token has at least 16"), std::string::npos);
  EXPECT_EQ(tokens.error().text.find("short"), std::string::npos);
  write("alice:0123456789abcdef\nbob:0123456789abcdef\n");
  EXPECT_FALSE(Tokens::load(path_));
}

TEST_F(TokenFile, a_file_that_everybody_can_read_is_refused) {
  write("alice:0123456789abcdef\n", 0644);
  const auto tokens = Tokens::load(path_);
  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().kind, ErrorKind::refused);
}

}  // namespace
}  // namespace tocsin::serve
