// veil_test.cpp: an identifier is hidden wherever it stands as a word, and nothing else is.
#include "daemon/sigma/veil.h"

#include <gtest/gtest.h>

namespace tocsin::sigma {
namespace {

TEST(Veil, hides_identifiers_as_whole_values_and_as_words) {
  Event event;
  event.clear_ids = {{"C17", identity({"17"})}, {"ana@mail.example", identity({"ana"})}};
  const std::string c17 = "subject:" + identity({"17"}).hex();
  EXPECT_EQ(veiled("C17", event), c17);
  EXPECT_EQ(veiled("GET /customers/C17?x=1", event), "GET /customers/" + c17 + "?x=1");
  EXPECT_EQ(veiled("to=ana@mail.example;C17", event), "to=subject:" + identity({"ana"}).hex() + ";" + c17);
  EXPECT_EQ(veiled("C170 C1 XC17", event), "C170 C1 XC17");
  EXPECT_EQ(veiled("", event), "");
  EXPECT_EQ(veiled("//", event), "//");
}

TEST(Veil, leaves_events_about_nobody_alone) {
  const Event event;
  EXPECT_EQ(veiled("GET /customers/C17", event), "GET /customers/C17");
}

}  // namespace
}  // namespace tocsin::sigma
