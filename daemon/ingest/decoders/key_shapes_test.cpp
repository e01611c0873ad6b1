// key_shapes_test.cpp: what is remembered is right, and it ends.
#include "daemon/ingest/decoders/key_shapes.h"

#include <gtest/gtest.h>

#include <set>

#include <fmt/format.h>

#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

using Shape = KeyShapes::Shape;

TEST(KeyShapes, the_same_keys_at_the_same_place_are_the_same_shape_and_no_others) {
  KeyShapes shapes;
  const Shape top = shapes.object(KeyShapes::kRoot);
  const Shape a = shapes.next(top, "a"), ab = shapes.next(a, "b"), b = shapes.next(top, "b"), ba = shapes.next(b, "a");
  const std::set<Shape> all{KeyShapes::kNone, KeyShapes::kRoot, top, a, ab, b, ba, shapes.object(a), shapes.object(ab), shapes.object(ba)};
  EXPECT_EQ(all.size(), 10U);
  EXPECT_EQ(shapes.next(a, "b"), ab);
  EXPECT_EQ(shapes.object(ab), shapes.object(ab));
  EXPECT_EQ(shapes.hash(ab), key_hash("b"));
  EXPECT_NE(shapes.next(top, ""), KeyShapes::kNone) << "a key may be empty";
  EXPECT_EQ(shapes.object(KeyShapes::kNone), KeyShapes::kNone);
}

TEST(KeyShapes, keys_are_the_same_whichever_way_they_are_read) {
  KeyShapes shapes;
  const Shape top = shapes.object(KeyShapes::kRoot);
  std::string text;
  for (int i = 0; i < 24; ++i) text += static_cast<char>('a' + i);
  for (const std::size_t begin : {0U, 1U}) {
    Shape last = top;
    for (std::size_t n = 0; n <= KeyShapes::kWide + 1 && begin + n <= text.size(); ++n) {
      const std::string_view key = std::string_view(text).substr(begin, n);
      const Shape next = shapes.next(last, key, begin + KeyShapes::kWide <= text.size());
      if (n == 0 && begin == 1) continue;
      ASSERT_NE(next, KeyShapes::kNone) << key;
      EXPECT_EQ(shapes.next(last, std::string(key)), next) << "exactly as long as it is";
      EXPECT_NE(shapes.next(last, std::string(key) + '\0'), next) << "zeros are bytes of a key too";
      last = next;
    }
  }
}

TEST(KeyShapes, a_second_key_of_a_name_leads_nowhere_and_one_within_another_object_does) {
  KeyShapes shapes;
  const Shape a = shapes.next(shapes.object(KeyShapes::kRoot), "a"), ab = shapes.next(a, "b");
  EXPECT_EQ(shapes.next(a, "a"), KeyShapes::kNone);
  EXPECT_EQ(shapes.next(ab, "a"), KeyShapes::kNone);
  EXPECT_EQ(shapes.next(ab, "b"), KeyShapes::kNone);
  EXPECT_NE(shapes.next(shapes.object(ab), "a"), KeyShapes::kNone);
}

TEST(KeyShapes, made_up_keys_fill_it_and_it_begins_anew_when_they_go_on) {
  KeyShapes shapes;
  shapes.begin();
  const Shape kept = shapes.next(shapes.object(KeyShapes::kRoot), "kept");
  std::set<Shape> seen;
  Shape at = kept;
  for (std::size_t i = 0; i < 3 * limits::kKeyShapesMax; ++i) {
    const Shape next = shapes.next(at, fmt::format("k{}", i));
    at = next == KeyShapes::kNone ? shapes.object(at) : next;
    if (at == KeyShapes::kNone) at = kept;
    seen.insert(at);
  }
  EXPECT_GT(seen.size(), limits::kKeyShapesMax / 2);
  EXPECT_LE(*seen.rbegin(), limits::kKeyShapesMax);
  EXPECT_EQ(shapes.next(shapes.object(KeyShapes::kRoot), "kept"), kept) << "what is known is still found";
  const std::uint32_t before = shapes.generation();
  for (std::size_t i = 0; i < (2U << 20U); ++i) shapes.next(kept, i % 2 == 0 ? "never" : "seen");
  EXPECT_EQ(shapes.generation(), before) << "within a document nothing changes";
  shapes.begin();
  EXPECT_NE(shapes.generation(), before);
  EXPECT_NE(shapes.next(shapes.object(KeyShapes::kRoot), "new"), KeyShapes::kNone);
}

}  // namespace
}  // namespace tocsin::ingest
