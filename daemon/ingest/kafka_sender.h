// kafka_sender.h: lines of a file into a topic, for `tocsin send`, tests and the demo.
#pragma once

#include <functional>
#include <istream>
#include <string>

#include "daemon/base/result.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::ingest {

struct SendSettings {
  v1::settings::Kafka kafka;      ///< Brokers, security, client properties.
  std::string topic;
  bool framed = false;            ///< Each record is preceded by `<partition> <length or −1 for null>\n` instead of ended by a newline.
  std::int32_t partition = -1;    ///< −1: spread by a seeded choice per record.
  std::uint64_t seed = 1;
};

struct Sent {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
};

/// Returns when the brokers have acknowledged everything (idempotent producer, acks=all). `progress` is called now and then
/// with the number so far. refused where a record was not taken for good; what was acknowledged before stays.
Result<Sent> send_lines(std::istream& in, const SendSettings& settings, const std::function<void(std::int64_t)>& progress = {});

}  // namespace tocsin::ingest
