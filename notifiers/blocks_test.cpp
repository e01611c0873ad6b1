// blocks_test.cpp: one source, two appearances, and links that stay whole.
#include "notifiers/blocks.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(Blocks, an_address_that_begins_another_does_not_cut_it) {
  const std::vector<std::string> links = {"https://x.example/", "https://x.example/a.html"};
  const std::string html = html_of(blocks_of("see https://x.example/a.html and https://x.example/"), links, false);
  EXPECT_EQ(html, "<p>see <a href=\"https://x.example/a.html\">https://x.example/a.html</a> and <a href=\"https://x.example/\">https://x.example/</a></p>\n");
}

TEST(Blocks, markup_in_a_fact_stays_text) {
  EXPECT_EQ(html_of(blocks_of("<b>x</b> & \"y\""), {}, false), "<p>&lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot;</p>\n");
}

TEST(Blocks, lists_open_and_close_around_their_items) {
  EXPECT_EQ(html_of(blocks_of("## H\n- a\n- b\np"), {}, false), "<h2>H</h2>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>p</p>\n");
}

}  // namespace
}  // namespace tocsin
