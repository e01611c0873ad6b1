// json_walks_test.cpp: the fast walk and the strict one give the same nodes, whatever the bytes.
#include "daemon/ingest/decoders/json_walks.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/decoders.h"
#include "daemon/ingest/key_hash.h"

namespace tocsin::ingest {
namespace {

std::string told(const Document& document) {
  std::string out;
  for (const Node& node : document.nodes) {
    out += fmt::format("{} key={}:{} #{} text={}:{} raw={}:{} after={}\n", static_cast<int>(node.kind), node.key.size(), node.key, node.hash, node.text.size(), node.text,
                       node.raw.size(), node.raw, node.after);
  }
  return out;
}

/// Runs both over the bytes. Whether the fast walk took them; a difference is a failure.
class Both {
 public:
  bool agree(const std::string& bytes) {
    // On the heap and exactly as long, so that a sanitizer sees whoever reads behind the record.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const std::string_view view(exact.data(), exact.size());
    const bool fast = walk_indexed(view, fast_);
    const auto dead = walk_strictly(view, strict_);
    if (dead) {
      EXPECT_FALSE(fast) << "taken, though " << dead->reason << ": " << bytes.substr(0, 200);
      return false;
    }
    if (fast) {
      // Not EXPECT_EQ: its difference of two texts of many lines takes more memory than the machine has.
      const std::string a = told(fast_), b = told(strict_);
      const auto at = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
      EXPECT_TRUE(a == b) << bytes.substr(0, 200) << "\nfast: " << a.substr(at, 100) << "\nstrict: " << b.substr(std::min(at, b.size()), 100);
    }
    return fast;
  }

 private:
  Document fast_, strict_;
};

/// Documents with everything JSON has, and, where `hostile`, things that it has not.
class Author {
 public:
  explicit Author(std::uint64_t seed, bool hostile) : random_(seed), hostile_(hostile) {}

  std::string document() {
    out_.clear();
    blanks();
    value(0);
    blanks();
    if (hostile_ && chance(8)) out_ += pick({"x", "{}", "\\", "\"", ",", "\xff", std::string_view("\0", 1), "\x0c", "\x1a"});
    return out_;
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string_view pick(std::initializer_list<std::string_view> from) { return *(from.begin() + random_() % from.size()); }
  void blanks() {
    while (chance(6)) out_ += pick({" ", "\n", "\t", "\r", "   ", "\r\n"});
    if (hostile_ && chance(400)) out_ += pick({"\x0c", "\x1a", "\x0b", "\xc2\xa0"});
  }

  void value(int depth) {
    const unsigned kind = random_() % (depth > 5 ? 5 : 8);
    if (hostile_ && chance(60)) {
      out_ += pick({"", "tru", "nul", "+1", "01", ".5", "1.", "1e", "-", "--1", "0x1", "NaN", "'a'", "1\"a\"", "\"a\"1", "1 2", "\"a\" \"b\"", "truee", "true\"", "\\\"a\"", "1}", "[", "{", "\"\\ud800\"", "\"\\x\"", "\"\\u12\"", "\"\n\"", "\"\xff\""});
      return;
    }
    switch (kind) {
      case 0: out_ += pick({"true", "false", "null"}); break;
      case 1: number(); break;
      case 2:
      case 3:
      case 4: text(); break;
      case 5: list(depth); break;
      default: object(depth); break;
    }
  }

  void number() {
    switch (random_() % 4) {
      case 0: out_ += fmt::format("{}", static_cast<std::int64_t>(random_())); break;
      case 1: out_ += fmt::format("{}", random_() % 1000); break;
      case 2: out_ += fmt::format("{}.{}e{}{}", random_() % 1000, random_() % 1000, pick({"", "+", "-"}), random_() % 500); break;
      default: out_ += pick({"0", "-0", "-0.0", "1E5", "123456789012345678901234567890", "1e999", "1E-400", "0.1", "18446744073709551616"});
    }
  }

  void text() {
    out_ += '"';
    const unsigned n = random_() % (chance(10) ? 200 : 12);
    for (unsigned i = 0; i < n; ++i) {
      if (chance(12)) {
        out_ += pick({"\\\\", "\\\"", "\\/", "\\n", "\\u0041", "\\u0000", "\\u00e9", "\\u4e2d", "\\ud83d\\ude00", "\\u005C", "\\\\\\\\"});
      } else {
        out_ += pick({"a", "b", "key", " ", ":", ",", "{", "}", "[", "]", "é", "中", "😀", ".", "/", "0"});
      }
    }
    out_ += '"';
  }

  void list(int depth) {
    out_ += '[';
    const unsigned n = random_() % 5;
    for (unsigned i = 0; i < n; ++i) {
      if (i > 0) out_ += ',';
      blanks();
      value(depth + 1);
      blanks();
    }
    if (hostile_ && chance(100)) out_ += ',';
    out_ += hostile_ && chance(100) ? '}' : ']';
  }

  void object(int depth) {
    out_ += '{';
    blanks();
    const unsigned n = random_() % (chance(20) ? 60 : 7);
    for (unsigned i = 0; i < n; ++i) {
      if (i > 0) out_ += ',';
      blanks();
      if (hostile_ && chance(50)) out_ += pick({"\"a\"", "\"\\u0061\"", "a", "1", "{}"});
      else out_ += fmt::format("\"{}{}\"", i, pick({"", "a", ".b.c", "Id", "\\u0061", "中", " blank", "a.long.key.of.more.than.sixteen.bytes"}));
      blanks();
      out_ += hostile_ && chance(100) ? "," : ":";
      blanks();
      value(depth + 1);
      blanks();
    }
    if (hostile_ && chance(100)) out_ += ',';
    out_ += hostile_ && chance(100) ? "]" : "}";
  }

  std::mt19937_64 random_;
  bool hostile_;
  std::string out_;
};

TEST(JsonWalks, honest_documents_are_all_taken_and_read_alike) {
  Both both;
  Author author(7, false);
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(both.agree(author.document())) << i;
}

TEST(JsonWalks, what_the_strict_walk_refuses_is_never_taken) {
  Both both;
  Author author(11, true);
  int taken = 0;
  for (int i = 0; i < 40'000 && !::testing::Test::HasFailure(); ++i) taken += both.agree(author.document()) ? 1 : 0;
  EXPECT_GT(taken, 8'000);
  EXPECT_LT(taken, 36'000);
}

TEST(JsonWalks, a_changed_byte_changes_both_alike) {
  Both both;
  Author author(13, false);
  std::mt19937_64 random(17);
  for (int i = 0; i < 4'000 && !::testing::Test::HasFailure(); ++i) {
    std::string bytes = author.document();
    for (int n = 0; n < 8; ++n) {
      std::string changed = bytes;
      const std::size_t at = random() % changed.size();
      switch (random() % 3) {
        case 0: changed[at] = static_cast<char>(random()); break;
        case 1: changed[at] = "\"\\{}[]:, \n"[random() % 10]; break;
        default: changed.resize(at);
      }
      if (!changed.empty()) both.agree(changed);
    }
  }
}

TEST(JsonWalks, limits_and_duplicates_are_left_to_the_strict_walk) {
  Both both;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(both.agree(nested(limits::kEventDepthMax)));
  EXPECT_FALSE(both.agree(nested(limits::kEventDepthMax + 1)));
  EXPECT_FALSE(both.agree(std::string(100'000, '[')));
  EXPECT_FALSE(both.agree(R"({"a":1,"a":2})"));
  EXPECT_FALSE(both.agree(R"({"a":1,"\u0061":2})"));
  EXPECT_FALSE(both.agree(R"({"x":{"a":1,"b":{"a":3},"a":2}})"));
  EXPECT_TRUE(both.agree(R"({"a":{"a":{"a":1}},"A":2,"b":[{"a":1},{"a":1}]})"));
  EXPECT_FALSE(both.agree("\xef\xbb\xbf{}"));
  EXPECT_FALSE(both.agree(std::string("{\"a\":\"\0\"}", 9)));
  std::string keys = "{";
  for (std::size_t i = 0; i < 90'000; ++i) keys += fmt::format("{}\"k{}\":1", i == 0 ? "" : ",", i);
  EXPECT_TRUE(both.agree(keys + "}"));
  EXPECT_FALSE(both.agree(keys + ",\"k7\":2}"));
}

TEST(JsonWalks, keys_of_one_hash_are_slow_for_nobody) {
  // Beginning, middle and end are equal and so is the hash; the rest differs.
  std::string keys = "{";
  for (std::size_t i = 0; i < 20'000; ++i) keys += fmt::format("{}\"beginning{:05}middlesx{:05}theending\":1", i == 0 ? "" : ",", i, 0);
  ASSERT_EQ(key_hash("beginning00001middlesx00000theending"), key_hash("beginning00002middlesx00000theending"));
  Document document;
  const auto began = std::chrono::steady_clock::now();
  EXPECT_FALSE(decode_json(keys + "}", document)) << "it is a document";
  EXPECT_EQ(document.nodes.size(), 20'001U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

}  // namespace
}  // namespace tocsin::ingest
