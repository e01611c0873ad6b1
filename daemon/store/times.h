// times.h: an Instant as protobuf writes it; epoch 0 is "not set".
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "daemon/base/clock.h"

namespace tocsin::store {

inline Instant instant_from(const google::protobuf::Timestamp& at) { return instant_of(at.seconds() * 1'000'000 + at.nanos() / 1'000); }

inline google::protobuf::Timestamp timestamp_of(Instant at) {
  const std::int64_t micros = micros_of(at);
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t rest = micros % 1'000'000;
  if (rest < 0) --seconds, rest += 1'000'000;  // Before 1970 the nanos still count forward.
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(seconds);
  stamp.set_nanos(static_cast<std::int32_t>(rest * 1'000));
  return stamp;
}

}  // namespace tocsin::store
