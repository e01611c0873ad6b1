// kafka_check.h: what a Kafka source's settings must say together.
#pragma once

#include <string>
#include <vector>

#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::cli {

struct KafkaFault {
  std::vector<std::string> keys;   ///< The way to the value that is wrong, below the source.
  std::string message;
  std::string hint;
  bool at_key = false;             ///< The name is wrong, not the value.
};

/// Every fault. SASL PLAIN would send the password in clear without TLS; a start must be said, since neither end of a topic is
/// a harmless guess; properties of the client come from an allow-list, so that none undoes what we rely on.
std::vector<KafkaFault> check_kafka(const v1::settings::Kafka& kafka);

}  // namespace tocsin::cli
