// kafka_settings.cpp: typed settings → librdkafka properties.
#include "daemon/ingest/kafka_settings.h"

#include "daemon/base/limits.h"
#include "daemon/base/yaml.h"

namespace tocsin::ingest {
namespace {

constexpr ClientProperty kClientProperties[] = {
    {"broker.address.family", "networks with only IPv4 or IPv6"},
    {"client.id", "to be found in the broker's logs"},
    {"client.rack", "to fetch from the nearest replica"},
    {"connections.max.idle.ms", "firewalls that forget connections"},
    {"debug", "to look for a fault with the broker's people"},
    {"fetch.error.backoff.ms", "slow or overloaded brokers"},
    {"fetch.max.bytes", "memory per fetch"},
    {"fetch.min.bytes", "fewer, larger fetches"},
    {"fetch.wait.max.ms", "latency against load"},
    {"max.partition.fetch.bytes", "memory per partition and fetch"},
    {"metadata.max.age.ms", "how soon new partitions are seen"},
    {"queued.max.messages.kbytes", "memory per partition"},
    {"queued.min.messages", "how much is fetched ahead"},
    {"receive.message.max.bytes", "very large records"},
    {"reconnect.backoff.max.ms", "slow or overloaded brokers"},
    {"reconnect.backoff.ms", "slow or overloaded brokers"},
    {"socket.keepalive.enable", "firewalls that forget connections"},
    {"socket.timeout.ms", "far brokers"},
};

Result<void> add_security(const v1::settings::KafkaSecurity& security, Properties& out) {
  const std::string protocol = security.protocol().empty() ? "plaintext" : security.protocol();
  const bool tls = protocol == "tls" || protocol == "sasl_tls";
  const bool sasl = protocol == "sasl_tls" || protocol == "sasl_plaintext";
  if (sasl && security.mechanism().empty()) return bad_input("kafka security: `mechanism` is missing: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  if (sasl && (security.username().empty() || security.password().empty())) return bad_input("kafka security: `username` and `password` (or `password_file`) are needed for SASL");
  if (security.mechanism() == "PLAIN" && !tls) return refused("kafka security: PLAIN sends the password in clear text; use `protocol: sasl_tls`, or SCRAM");
  if (!sasl && !security.mechanism().empty()) return bad_input(fmt::format("kafka security: `mechanism` needs `protocol: sasl_tls` or `sasl_plaintext`, not `{}`", protocol));
  if (!tls && (!security.ca_file().empty() || !security.cert_file().empty())) return bad_input(fmt::format("kafka security: certificates need `protocol: tls` or `sasl_tls`, not `{}`", protocol));
  out.emplace_back("security.protocol", protocol == "tls" ? "ssl" : protocol == "sasl_tls" ? "sasl_ssl" : protocol);
  if (tls) {
    out.emplace_back("enable.ssl.certificate.verification", "true");
    out.emplace_back("ssl.endpoint.identification.algorithm", "https");
    if (!security.ca_file().empty()) out.emplace_back("ssl.ca.location", security.ca_file());
    if (!security.cert_file().empty()) out.emplace_back("ssl.certificate.location", security.cert_file());
    if (!security.key_file().empty()) out.emplace_back("ssl.key.location", security.key_file());
  }
  if (sasl) {
    out.emplace_back("sasl.mechanism", security.mechanism());
    out.emplace_back("sasl.username", security.username());
    out.emplace_back("sasl.password", security.password());
  }
  return {};
}

Result<void> add_client(const v1::settings::Kafka& settings, Properties& out) {
  std::vector<std::string_view> known;
  for (const ClientProperty& property : kClientProperties) known.push_back(property.name);
  for (const auto& [name, value] : settings.client()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad_input(fmt::format("kafka client property `{}` may not be set {}; allowed are: {}", name, yaml::did_you_mean(name, known), fmt::join(known, ", ")));
    }
    out.emplace_back(name, value);
  }
  return {};
}

}  // namespace

std::span<const ClientProperty> client_properties() { return kClientProperties; }

Result<Properties> connection_properties(const v1::settings::Kafka& settings) {
  Properties out;
  out.emplace_back("bootstrap.servers", fmt::format("{}", fmt::join(settings.brokers(), ",")));
  out.emplace_back("client.id", "tocsin");
  TOCSIN_TRY(add_security(settings.security(), out));
  return out;
}

Ahead ahead_of(std::int32_t partitions) {
  constexpr std::size_t kLeast = 64U << 10U;    // Below, fetching costs more than it brings: two thousand partitions and more go over the bound.
  constexpr std::size_t kFetch = 1U << 20U;
  const std::size_t share = limits::kKafkaAheadBytes / static_cast<std::size_t>(std::max(partitions, 1));
  const std::size_t fetch = std::clamp(share / 4, kLeast, kFetch);
  return {std::clamp(share - std::min(share, fetch), kLeast, limits::kKafkaAheadPartitionBytes), fetch};
}

Result<Properties> consumer_properties(const v1::settings::Kafka& settings, std::string_view source_name, std::int32_t partitions) {
  TOCSIN_ASSIGN(Properties out, connection_properties(settings));
  out.emplace_back("group.id", settings.group().empty() ? fmt::format("tocsin-{}", source_name) : settings.group());
  out.emplace_back("enable.auto.commit", "false");
  out.emplace_back("enable.auto.offset.store", "false");
  out.emplace_back("auto.offset.reset", "error");              // The default would silently skip what retention took.
  out.emplace_back("check.crcs", "true");
  out.emplace_back("enable.partition.eof", "true");            // Tells of trailing offsets that hold no record.
  out.emplace_back("partition.assignment.strategy", "range");
  out.emplace_back("isolation.level", "read_committed");
  out.emplace_back("fetch.wait.max.ms", "100");
  // More than a second of traffic ahead: a full queue backs off for a whole second in librdkafka 2.0.
  out.emplace_back("queued.min.messages", "100000");
  const Ahead ahead = ahead_of(partitions);
  out.emplace_back("queued.max.messages.kbytes", std::to_string(ahead.queued >> 10U));
  out.emplace_back("max.partition.fetch.bytes", std::to_string(ahead.fetch));
  out.emplace_back("fetch.max.bytes", "16777216");
  out.emplace_back("receive.message.max.bytes", "33554432");   // Also the bound of what zstd may expand to.
  TOCSIN_TRY(add_client(settings, out));
  return out;
}

Result<Properties> producer_properties(const v1::settings::Kafka& settings) {
  TOCSIN_ASSIGN(Properties out, connection_properties(settings));
  out.emplace_back("enable.idempotence", "true");
  out.emplace_back("acks", "all");
  out.emplace_back("linger.ms", "5");
  out.emplace_back("compression.type", "lz4");
  out.emplace_back("message.max.bytes", "2097152");
  TOCSIN_TRY(add_client(settings, out));
  return out;
}

}  // namespace tocsin::ingest
