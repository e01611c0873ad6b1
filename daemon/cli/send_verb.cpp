// send_verb.cpp: `tocsin send FILE --topic T`: lines of a file become records of a topic.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "daemon/cli/config.h"
#include "daemon/cli/verbs.h"
#include "daemon/ingest/kafka_sender.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string file, topic, source;
  std::vector<std::string> brokers;
  ingest::SendSettings settings;
};

/// --brokers, else the connection of a configured Kafka source.
Reply<v1::settings::Kafka> connection(const Call& call, const Words& words) {
  v1::settings::Kafka kafka;
  if (!words.brokers.empty()) {
    kafka.mutable_brokers()->Assign(words.brokers.begin(), words.brokers.end());
    return kafka;
  }
  const std::string path = call.config_path();
  if (path.empty()) return tl::unexpected(Ending{ExitCode::usage, "where is the broker?", "say --brokers HOST:PORT or --config FILE"});
  auto config = load_config(path, call.world.environment);
  if (!config) return tl::unexpected(ending_of(config.error()));
  for (const v1::SourceConfig& source : config->sources()) {
    if ((words.source.empty() || source.name() == words.source) && source.settings().UnpackTo(&kafka)) return kafka;
  }
  return tl::unexpected(Ending{ExitCode::configuration, fmt::format("{}: no Kafka source{}", path, words.source.empty() ? "" : " named `" + words.source + "`"), {}});
}

Ending send(const Call& call, const Words& words) {
  auto kafka = connection(call, words);
  if (!kafka) return kafka.error();
  ingest::SendSettings settings = words.settings;
  settings.kafka = *kafka;
  settings.topic = words.topic;
  std::ifstream file;
  if (words.file != "-") {
    file.open(words.file, std::ios::binary);
    if (!file) return {ExitCode::not_found, fmt::format("{}: cannot be read", words.file), {}};
  }
  std::ostream& err = call.world.err;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto progress = [&](std::int64_t records) { if (terminal) err << fmt::format("\r{} records", records) << std::flush; };
  const auto sent = ingest::send_lines(words.file == "-" ? std::cin : file, settings, progress);
  if (terminal) err << "\r";
  if (!sent) return ending_of(sent.error());
  if (call.format == Format::json || call.format == Format::ndjson) {
    call.world.out << fmt::format("{{\"records\":\"{}\",\"bytes\":\"{}\"}}\n", sent->records, sent->bytes);
  } else {
    call.world.out << fmt::format("{} records, {} bytes acknowledged by topic {}\n", sent->records, sent->bytes, words.topic);
  }
  return {};
}

}  // namespace

void add_send(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("send", "put the lines of a file into a topic; returns when all are acknowledged")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("file", words->file, "NDJSON; - is standard input")->required();
  sub->add_option("--topic", words->topic)->required();
  sub->add_option("--brokers", words->brokers, "host:port; repeats (else those of a Kafka source of the configuration)");
  sub->add_option("--source", words->source, "which Kafka source of the configuration (else the first)");
  sub->add_option("--partition", words->settings.partition, "put all records there (else spread them)");
  sub->add_option("--seed", words->settings.seed, "of the spreading")->capture_default_str();
  sub->add_flag("--framed", words->settings.framed, "each record is preceded by `<partition> <length, or -1 for null>` on a line");
  sub->callback([&call, words] { call.action = [&call, words] { return send(call, *words); }; });
}

}  // namespace tocsin::cli
