// record.h: bytes and where they came from.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/clock.h"

namespace tocsin {

/// A place in a source. `source` is the configured name, part of event identities.
struct Position {
  std::string source;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// One message as the source gave it.
struct Record {
  Position position;
  std::string topic;                 ///< Kafka topic, or the file's path.
  std::string key;
  std::string value;
  bool tombstone = false;            ///< Null value, which is not the same as an empty one.
  Instant timestamp{};               ///< The source's own time of the record; epoch 0 where it has none.
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace tocsin
