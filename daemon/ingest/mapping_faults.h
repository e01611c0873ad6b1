// mapping_faults.h: what is wrong with a mapping beyond the types of its keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/yaml.h"
#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

struct MappingFault {
  std::vector<std::string> place;   ///< Keys, and numbers of elements from 0, from the top of the file down.
  std::string message;
};

/// All of them, by the order of mapping.proto.
std::vector<MappingFault> faults_of(const v1::Mapping& mapping);

/// The node at a fault's place, or the last above it that the file has.
const yaml::Node& node_at(const yaml::Node& top, const MappingFault& fault);

/// `who.Account Name` → `who.AccountName`: what paths are under strip_blanks.
std::string without_blanks(std::string_view path);

/// The offset of `time.zone` from UTC in microseconds, or nothing where it is none.
std::optional<Microseconds> zone_of(const std::string& zone);

/// One path or a list of them, as `fields` holds them.
std::vector<std::string> paths_of(const google::protobuf::Value& value);

/// Of a path's type: its number, or nothing.
std::optional<std::uint32_t> type_number(std::string_view word);

}  // namespace tocsin::ingest
