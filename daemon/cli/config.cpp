// config.cpp: reading the configuration, and the rules between its fields.
#include "daemon/cli/config.h"

#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/cli/kafka_check.h"
#include "daemon/model/text.h"
#include "daemon/serve/bind.h"
#include "daemon/serve/tokens.h"
#include "notifiers/notifiers.h"

namespace tocsin::cli {
namespace {

using yaml::Node;

/// Follows keys as far as they are written; a fault about an absent key points at the nearest map.
const Node& at(const Node& root, std::initializer_list<std::string_view> keys) {
  const Node* node = &root;
  for (const std::string_view key : keys) {
    const Node* next = node->is_map() ? node->find(key) : nullptr;
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

class Check {
 public:
  Check(const yaml::File& file, const Node& root, const v1::Config& config) : file_(file), root_(root), config_(config) {}

  Result<void> run() {
    sources();
    channels();
    delivery();
    serve();
    const std::string& zone = config_.organisation().time_zone();
    if (!is_time_zone(zone)) fault(at(root_, {"organisation", "time_zone"}), fmt::format("`{}` is no IANA time zone", zone), "write for example Asia/Shanghai");
    for (int i = 0; i < config_.rules_size(); ++i) must_exist(root_.find("rules")->items[static_cast<std::size_t>(i)], config_.rules(i));
    if (const std::string& csv = config_.contacts().csv(); !csv.empty()) must_exist(at(root_, {"contacts", "csv"}), csv);
    if (text_.empty()) return {};
    return bad_input(text_);
  }

 private:
  void fault(const Node& where, std::string_view message, std::string_view hint = {}) {
    text_ += (text_.empty() ? "" : "\n") + yaml::fault(file_, where, message, hint).value().text;
  }

  void must_exist(const Node& where, const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) fault(where, fmt::format("{}: no such file or folder", path));
  }

  void sources() {
    std::set<std::string> names;
    for (int i = 0; i < config_.sources_size(); ++i) {
      const Node& node = root_.find("sources")->items[static_cast<std::size_t>(i)];
      const auto& source = config_.sources(i);
      if (!names.insert(source.name()).second) fault(at(node, {"name"}), fmt::format("two sources are named `{}`", source.name()));
      if (source.type() != "kafka") continue;
      v1::settings::Kafka kafka;
      if (!source.settings().UnpackTo(&kafka)) continue;
      for (const KafkaFault& each : check_kafka(kafka)) {
        const Node* where = &node;
        for (const std::string& key : each.keys) {
          const Node* next = where->find(key);
          if (next == nullptr) break;
          where = next;
        }
        if (each.at_key) where = key_node(node, each.keys, *where);
        fault(*where, each.message, each.hint);
      }
    }
  }

  /// The key itself instead of its value, where the name is what is wrong.
  static const Node* key_node(const Node& source, const std::vector<std::string>& keys, const Node& otherwise) {
    const Node* map = &source;
    for (std::size_t i = 0; i + 1 < keys.size() && map != nullptr; ++i) map = map->find(keys[i]);
    if (map == nullptr) return &otherwise;
    for (const auto& [key, value] : map->entries) {
      if (key.text == keys.back()) return &key;
    }
    return &otherwise;
  }

  void channels() {
    std::set<std::string> names;
    const SystemClock clock;
    for (int i = 0; i < config_.channels_size(); ++i) {
      const Node& node = root_.find("channels")->items[static_cast<std::size_t>(i)];
      const auto& channel = config_.channels(i);
      if (!names.insert(channel.name()).second) fault(at(node, {"name"}), fmt::format("two channels are named `{}`", channel.name()));
      auto made = make_notifier(channel, {.clock = clock, .state_dir = config_.state_dir()});
      if (!made) fault(at(node, {"type"}), made.error().text);
    }
  }

  void delivery() {
    const auto& delivery = config_.delivery();
    const Node& node = at(root_, {"delivery"});
    for (const auto& [name, address] : delivery.redirect_to()) {
      const bool known = std::any_of(config_.channels().begin(), config_.channels().end(), [&](const auto& channel) { return channel.name() == name; });
      if (known) continue;
      std::vector<std::string_view> words;
      for (const auto& channel : config_.channels()) words.push_back(channel.name());
      const Node& map = at(node, {"redirect_to"});
      for (const auto& [key, value] : map.entries) {
        if (key.text == name) fault(key, fmt::format("no channel is named `{}`", name), yaml::did_you_mean(name, words));
      }
    }
    if (delivery.mode() == v1::REDIRECT && delivery.redirect_to().empty()) {
      fault(at(node, {"mode"}), "`redirect` needs `redirect_to`: which channel's messages go to which address");
    }
  }

  void serve() {
    const auto& grpc = config_.serve().grpc();
    if (!grpc.listen().empty()) {
      bind("serve.grpc.listen", at(root_, {"serve", "grpc", "listen"}), grpc.listen(), grpc.has_tls(),
           tokens(at(root_, {"serve", "grpc", "token_file"}), grpc.token_file()));
      if (grpc.token_file().empty()) fault(at(root_, {"serve", "grpc", "listen"}), "over TCP only a token says who speaks", "set serve.grpc.token_file");
    }
    const auto& http = config_.serve().http();
    bind("serve.http.listen", at(root_, {"serve", "http", "listen"}), http.listen(), http.has_tls(),
         tokens(at(root_, {"serve", "http", "token_file"}), http.token_file()));
    if (grpc.has_tls()) certificates({"serve", "grpc", "tls"}, grpc.tls());
    if (http.has_tls()) certificates({"serve", "http", "tls"}, http.tls());
  }

  void bind(std::string_view what, const Node& where, const std::string& listen, bool has_tls, bool has_tokens) {
    const auto endpoint = serve::parse_endpoint(listen);
    if (!endpoint) return fault(where, endpoint.error().text);
    if (const auto allowed = serve::check_bind(what, *endpoint, has_tls, has_tokens); !allowed) fault(where, allowed.error().text);
  }

  bool tokens(const Node& where, const std::string& path) {
    if (path.empty()) return false;
    const auto loaded = serve::Tokens::load(path);
    if (!loaded) return fault(where, loaded.error().text), false;
    return !loaded->empty();
  }

  void certificates(std::initializer_list<std::string_view> keys, const v1::Tls& tls) {
    const Node& node = at(root_, keys);
    if (auto read = read_file(tls.cert_file()); !read) fault(at(node, {"cert_file"}), read.error().text);
    if (auto read = read_file(tls.key_file()); !read) fault(at(node, {"key_file"}), read.error().text);
  }

  const yaml::File& file_;
  const Node& root_;
  const v1::Config& config_;
  std::string text_;
};

}  // namespace

Result<v1::Config> load_config(const std::string& path, const EnvironmentLookup& environment) {
  const std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  TOCSIN_ASSIGN(yaml::File file, yaml::load(absolute));
  file.path = path;   // Errors name the file as the person did.
  if (file.documents.size() > 1) return yaml::fault(file, file.documents[1], "a second document; a configuration is one");
  const Node empty;
  const Node& root = file.documents.empty() ? empty : file.documents[0];
  v1::Config config;
  TOCSIN_TRY(fill(file, root, config, {.environment = environment, .folder = std::filesystem::path(absolute).parent_path().string()}));
  TOCSIN_TRY(Check(file, root, config).run());
  return config;
}

Result<std::string> socket_of(const std::string& config_path) {
  TOCSIN_ASSIGN(const yaml::File file, yaml::load(config_path));
  if (file.documents.empty() || !file.documents[0].is_map()) return bad_input(fmt::format("{}: is no configuration", config_path));
  const Node& root = file.documents[0];
  const std::filesystem::path folder = std::filesystem::absolute(config_path).parent_path();
  const Node* socket = &root;
  for (const char* key : {"serve", "grpc", "unix_socket"}) socket = socket != nullptr && socket->is_map() ? socket->find(key) : nullptr;
  if (socket != nullptr && socket->is_scalar() && !socket->text.empty()) return (folder / socket->text).lexically_normal().string();
  const Node* state = root.find("state_dir");
  if (state == nullptr || !state->is_scalar() || state->text.find("${") != std::string::npos) {
    return bad_input(fmt::format("{}: names no state_dir that a client can follow; use --socket", config_path));
  }
  return (folder / state->text / "tocsin.sock").lexically_normal().string();
}

}  // namespace tocsin::cli
