// pages_test.cpp: targets and their answers, hostile paths first.
#include "daemon/serve/pages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tocsin::serve {
namespace {

class Pages : public testing::Test {
 protected:
  Pages() {
    char pattern[] = "/tmp/tocsin-pages-XXXXXX";
    root_ = mkdtemp(pattern);
    std::filesystem::create_directories(root_ + "/public/2026");
    std::ofstream(root_ + "/secret.html") << "SECRET";
    std::ofstream(root_ + "/public/index.html") << "INDEX";
    std::ofstream(root_ + "/public/feed.xml") << "FEED";
    std::ofstream(root_ + "/public/2026/a-1.html") << "PAGE";
    std::ofstream(root_ + "/public/.hidden.html") << "SECRET";
    std::ofstream(root_ + "/public/keys.pem") << "SECRET";
    std::filesystem::create_symlink(root_ + "/secret.html", root_ + "/public/link.html");
    pages_.metrics = [] { return std::string("m 1\n"); };
    pages_.not_ready = [this] { return reasons_; };
    pages_.announcements = root_ + "/public";
  }
  ~Pages() override { std::filesystem::remove_all(root_); }
  std::string root_;
  std::vector<std::string> reasons_;
  HttpPages pages_;
};

TEST_F(Pages, announcements_are_served_with_their_types) {
  EXPECT_EQ(page_of(pages_, "/announcements/", true).body, "INDEX");
  EXPECT_EQ(page_of(pages_, "/announcements/2026/a-1.html?x=1", false).body, "PAGE");
  EXPECT_EQ(page_of(pages_, "/announcements/feed.xml", false).content_type, "application/atom+xml; charset=utf-8");
}

TEST_F(Pages, no_path_leaves_the_folder) {
  for (const char* target : {"/announcements/../secret.html", "/announcements/%2e%2e/secret.html", "/announcements//etc/passwd",
                             "/announcements/.hidden.html", "/announcements/link.html", "/announcements/keys.pem",
                             "/announcements/2026/../../secret.html", "/announcements/2026/", "/etc/passwd", "", "announcements/"}) {
    const Page page = page_of(pages_, target, true);
    EXPECT_EQ(page.status, 404U) << target;
    EXPECT_EQ(page.body.find("SECRET"), std::string::npos) << target;
  }
}

TEST_F(Pages, readiness_says_why_not) {
  EXPECT_EQ(page_of(pages_, "/readyz", false).status, 200U);
  reasons_ = {"source \"access\" stopped"};
  const Page page = page_of(pages_, "/readyz", false);
  EXPECT_EQ(page.status, 503U);
  EXPECT_EQ(page.body, "{\"ready\":false,\"not_ready\":[\"source \\\"access\\\" stopped\"]}\n");
  EXPECT_EQ(page_of(pages_, "/healthz", false).status, 200U);
}

TEST_F(Pages, metrics_ask_for_the_token) {
  EXPECT_EQ(page_of(pages_, "/metrics", false).status, 401U);
  EXPECT_EQ(page_of(pages_, "/metrics", true).body, "m 1\n");
}

}  // namespace
}  // namespace tocsin::serve
