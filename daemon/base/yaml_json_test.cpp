// yaml_json_test.cpp: what YAML means stays what it is in JSON.
#include <gtest/gtest.h>

#include "daemon/base/yaml.h"

namespace tocsin::yaml {
namespace {

std::string json(const std::string& text) { return json_of(parse("t.yml", text)->documents.front()); }

TEST(YamlJson, maps_lists_and_scalars_keep_their_kind) {
  EXPECT_EQ(json("{a: 1, b: [x, 'y', null, ~, true], c: {d: -1.5e3, e: '2'}}"), R"({"a":1,"b":["x","y",null,null,true],"c":{"d":-1.5e3,"e":"2"}})");
  EXPECT_EQ(json("{a: {}, b: [], c: \"q\\\"\\n\"}"), R"({"a":{},"b":[],"c":"q\"\n"})");
}

TEST(YamlJson, what_json_does_not_count_as_a_number_is_a_text) {
  EXPECT_EQ(json("[01, +1, .5, 1., 0x10, yes, 1e, 0, 0.50]"), R"(["01","+1",".5","1.","0x10","yes","1e",0,0.50])");
}

}  // namespace
}  // namespace tocsin::yaml
