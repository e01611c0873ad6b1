// kafka_settings.h: what a user may say to librdkafka, and what we say ourselves.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/result.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::ingest {

struct ClientProperty {
  std::string_view name;
  std::string_view reason;   ///< Why a user may want to set it.
};

/// Properties of librdkafka that `client:` may name, sorted. Everything that decides exactness (offsets, CRCs, resets) or
/// security is ours.
std::span<const ClientProperty> client_properties();

using Properties = std::vector<std::pair<std::string, std::string>>;

/// Brokers, security and the user's properties. bad_input for a property outside the list ("did you mean") ; refused for
/// PLAIN without TLS, and for credentials without a mechanism.
Result<Properties> connection_properties(const v1::settings::Kafka& settings);
/// What librdkafka may hold of one partition, so that a topic stays within limits::kKafkaAheadBytes.
struct Ahead {
  std::size_t queued = 0;   ///< No fetch is begun above this.
  std::size_t fetch = 0;    ///< What one fetch may then add. A larger record still comes, alone.

  friend bool operator==(const Ahead&, const Ahead&) = default;
};
Ahead ahead_of(std::int32_t partitions);
/// The connection's and what a consumer of ours needs for a topic of that many partitions (reference: reliability 2.1, 2.2).
Result<Properties> consumer_properties(const v1::settings::Kafka& settings, std::string_view source_name, std::int32_t partitions);
Result<Properties> producer_properties(const v1::settings::Kafka& settings);

}  // namespace tocsin::ingest
