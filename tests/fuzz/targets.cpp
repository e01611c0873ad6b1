// targets.cpp: the table of fuzz targets.
#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {

std::span<const Target> targets() {
  static constexpr Target kTargets[] = {
      {"condition", condition},       {"decode_json", decode_json}, {"decode_protobuf", decode_protobuf},
      {"mapping_file", mapping_file}, {"match", match},             {"rule_yaml", rule_yaml},
  };
  return kTargets;
}

}  // namespace tocsin::fuzz
