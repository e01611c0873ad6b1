// kafka_check.cpp: the rules between a Kafka source's settings.
#include "daemon/cli/kafka_check.h"

#include <algorithm>

#include "daemon/base/clock.h"
#include "daemon/base/yaml.h"
#include "daemon/ingest/kafka_settings.h"

namespace tocsin::cli {

std::vector<KafkaFault> check_kafka(const v1::settings::Kafka& kafka) {
  std::vector<KafkaFault> faults;
  const auto add = [&](std::vector<std::string> keys, std::string message, std::string hint = {}, bool at_key = false) {
    faults.push_back({std::move(keys), std::move(message), std::move(hint), at_key});
  };
  const std::string& start = kafka.start();
  if (start.empty()) {
    add({"type"}, "`start` is missing: where to begin when a topic was never read", "write earliest, latest or a time such as 2026-11-24T00:00:00Z");
  } else if (start != "earliest" && start != "latest" && !parse_rfc3339(start)) {
    add({"start"}, fmt::format("expected earliest, latest or a time such as 2026-11-24T00:00:00Z, found `{}`", start),
        yaml::did_you_mean(start, {"earliest", "latest"}));
  }
  const auto& security = kafka.security();
  const bool sasl = security.protocol().starts_with("sasl_");
  const bool tls = security.protocol() == "tls" || security.protocol() == "sasl_tls";
  if (sasl && security.mechanism().empty()) add({"security", "protocol"}, fmt::format("`{}` needs `mechanism`", security.protocol()), "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  if (!sasl && !security.mechanism().empty()) add({"security", "mechanism"}, fmt::format("protocol `{}` has no SASL", security.protocol()), "use sasl_tls");
  if (security.mechanism() == "PLAIN" && security.protocol() == "sasl_plaintext") {
    add({"security", "mechanism"}, "PLAIN without TLS sends the password in clear", "use protocol: sasl_tls, or a SCRAM mechanism");
  }
  if (sasl && (security.username().empty() || security.password().empty())) {
    add({"security", "protocol"}, fmt::format("`{}` needs `username` and `password`", security.protocol()), "password_file: PATH keeps it out of this file");
  }
  if (!tls && !(security.ca_file().empty() && security.cert_file().empty() && security.key_file().empty())) {
    add({"security", "protocol"}, fmt::format("certificates are given, but protocol `{}` does not use TLS", security.protocol()), "use tls or sasl_tls");
  }
  if (security.cert_file().empty() != security.key_file().empty()) add({"security", "protocol"}, "`cert_file` and `key_file` belong together");
  std::vector<std::pair<std::string, std::string>> client(kafka.client().begin(), kafka.client().end());
  std::sort(client.begin(), client.end());
  std::vector<std::string_view> allowed;
  for (const auto& property : ingest::client_properties()) allowed.push_back(property.name);
  for (const auto& [name, value] : client) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    std::string hint = yaml::did_you_mean(name, allowed);
    if (hint.empty()) hint = fmt::format("allowed: {}", fmt::join(allowed, ", "));
    add({"client", name}, fmt::format("client property `{}` may not be set", name), hint, true);
  }
  return faults;
}

}  // namespace tocsin::cli
