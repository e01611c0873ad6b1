// daemon.cpp: the order in which the rooms open and close.
#include "daemon/cli/daemon.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "daemon/base/file.h"
#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/base/metrics.h"
#include "daemon/casebook/contacts.h"
#include "daemon/cli/keys.h"
#include "daemon/cli/live_rules.h"
#include "daemon/cli/sources.h"
#include "daemon/cli/state.h"
#include "daemon/cli/version.h"
#include "daemon/courier/courier.h"
#include "daemon/log/local_log.h"
#include "daemon/log/sealed_log.h"
#include "daemon/serve/api.h"
#include "daemon/serve/grpc_server.h"
#include "daemon/serve/http_server.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin::cli {
namespace {

constexpr std::chrono::seconds kContactsEvery{5};
constexpr std::chrono::seconds kDetectionAgain{2};   ///< After the disk or the store did not answer.

/// [0, 1), for back-off with jitter.
double random_fraction() {
  const std::string bytes = random_bytes(4);
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number / 4294967296.0;
}

std::string announcements_folder(const v1::Config& config, const StatePaths& paths) {
  for (const v1::ChannelConfig& channel : config.channels()) {
    v1::settings::Announcement settings;
    if (!channel.settings().UnpackTo(&settings)) continue;
    return settings.folder().empty() ? paths.announcements() : settings.folder();
  }
  return {};
}

}  // namespace

/// Members stand in the order in which they are made; they go in the opposite one.
struct Daemon::Body {
  Body(v1::Config c, DaemonWorld w) : config(std::move(c)), world(std::move(w)), paths(config.state_dir()), rules(config, world.installed_pack) {}

  v1::Config config;
  DaemonWorld world;
  StatePaths paths;
  std::optional<LockFile> lock;
  Keys keys;
  LiveRules rules;
  std::vector<v1::Jurisdiction> jurisdictions;
  Metrics metrics;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<casebook::Casebook> casebook;
  std::unique_ptr<LocalLog> segments;
  std::unique_ptr<SealedLog> log;   ///< Over the segments: matches and dead letters name people.
  std::optional<detect::Snapshots> snapshots;
  std::optional<casebook::ContactsFile> contacts;

  // Before the doors, which ask these until they are closed.
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::shared_ptr<detect::Detector> detector;   ///< None while recovering.
  std::string waiting = "detection is recovering";
  std::optional<Error> failure;
  std::atomic<bool> stopping{false};

  std::unique_ptr<serve::Api> api;
  std::unique_ptr<serve::HttpServer> http;
  std::unique_ptr<serve::GrpcServer> grpc;
  std::unique_ptr<courier::Courier> courier;
  std::thread detection, housekeeping;

  Result<void> open_state();
  Result<void> open_doors();
  Result<void> start_courier();
  void start_threads();
  void stop();

  void detect_until_stopped();
  Result<void> detect_once();
  void keep_house();
  void refresh_contacts();
  Result<v1::ReloadRulesResponse> reload_rules();
  serve::RulesInUse rules_in_use() const;
  void count();

  std::shared_ptr<detect::Detector> current() const {
    const std::lock_guard guard(mutex);
    return detector;
  }
  std::vector<std::string> not_ready() const;
  std::int64_t end_of(const std::string& source, std::int32_t partition) const;
  /// False once the daemon stops.
  bool sleep(std::chrono::milliseconds time) {
    std::unique_lock guard(mutex);
    return !wake.wait_for(guard, time, [this] { return stopping.load(); });
  }
};

Result<void> Daemon::Body::open_state() {
  TOCSIN_ASSIGN(Content content, rules.load());
  jurisdictions = std::move(content.jurisdictions);
  for (const sigma::Rejected& each : content.rejected) {
    world.log.warn("a rule is left out", {{"file", each.file}, {"line", each.line}, {"rule", each.id}, {"why", each.faults.front()}});
  }
  TOCSIN_TRY(make_folder(paths.folder()));
  TOCSIN_ASSIGN(LockFile taken, LockFile::take(paths.lock()));
  lock.emplace(std::move(taken));
  TOCSIN_TRY(prepare_state(paths));
  TOCSIN_ASSIGN(keys, open_keys(paths.folder()));
  TOCSIN_ASSIGN(store, store::Store::open({.path = paths.store(), .tenant = config.tenant(), .seal_key = keys.seal}));
  casebook = std::make_unique<casebook::Casebook>(*store, world.clock, config, content.playbook, paths.checkpoints(), jurisdictions);
  TOCSIN_ASSIGN(segments, LocalLog::open({.folder = paths.log(), .segment_bytes = limits::kSegmentBytes, .disk = {}}));
  if (segments->bytes_cut() > 0) world.log.warn("match log: cut a torn tail", {{"bytes", segments->bytes_cut()}});
  log = std::make_unique<SealedLog>(*segments, keys.seal);
  TOCSIN_TRY(make_folder(paths.snapshots()));
  snapshots.emplace(paths.snapshots(), keys.seal);
  if (!config.contacts().csv().empty()) {
    contacts.emplace(config.contacts().csv(), keys.subject);
    auto loaded = contacts->refresh(*store, world.clock.now());
    if (!loaded) return while_doing("loading the contacts", std::move(loaded).error());
    if (*loaded >= 0) world.log.info("contacts loaded", {{"people", *loaded}});
  }
  return {};
}

Result<void> Daemon::Body::open_doors() {
  serve::Running running;
  running.version = kVersion;
  running.rules = [this] { return rules_in_use(); };
  running.jurisdictions = jurisdictions;
  running.not_ready = [this] { return not_ready(); };
  running.high_watermark = [this](const std::string& source, std::int32_t partition) { return end_of(source, partition); };
  running.replay_dead_letters = [this](const v1::ReplayDeadLettersRequest& request) -> Result<v1::ReplayDeadLettersResponse> {
    const auto now = current();
    if (!now) return unavailable("detection is not running yet; see `tocsin status`");
    return now->replay_dead_letters(request.source(), request.reason());
  };
  running.reload_rules = [this] { return reload_rules(); };
  api = std::make_unique<serve::Api>(*casebook, world.clock, config, std::move(running));
  metrics.set("tocsin_build_info", 1, {{"version", kVersion}});
  metrics.add("tocsin_rules_reloads_total", 0, {{"outcome", "done"}});
  metrics.set("tocsin_delivery_live", config.delivery().mode() == v1::LIVE ? 1 : 0);
  const auto exposition = [this] {
    count();
    return metrics.text();
  };
  TOCSIN_ASSIGN(http, serve::HttpServer::start(config.serve().http(), {.metrics = exposition,
                                                                      .not_ready = [this] { return not_ready(); },
                                                                      .announcements = announcements_folder(config, paths)}));
  TOCSIN_ASSIGN(grpc, serve::GrpcServer::start(config.serve().grpc(), paths.socket(), *api));
  world.log.info("listening", {{"http", http->address()}, {"socket", grpc->socket_path()}, {"grpc_port", grpc->port()}});
  return {};
}

Result<void> Daemon::Body::start_courier() {
  TOCSIN_ASSIGN(auto channels, courier::make_channels(config, {.clock = world.clock, .state_dir = paths.folder()}));
  courier = std::make_unique<courier::Courier>(
      courier::CourierWorld{.casebook = *casebook, .clock = world.clock, .metrics = metrics, .log = world.log, .random = random_fraction},
      std::move(channels), courier::settings_for(config));
  TOCSIN_TRY(courier->recover());
  courier->start();
  const auto mode = v1::DeliveryMode_Name(config.delivery().mode());
  config.delivery().mode() == v1::LIVE ? world.log.warn("delivery is LIVE: approved notices leave", {})
                                       : world.log.info("delivery", {{"mode", mode}});
  return {};
}

void Daemon::Body::start_threads() {
  detection = std::thread([this] { detect_until_stopped(); });
  housekeeping = std::thread([this] { keep_house(); });
}

void Daemon::Body::stop() {
  {
    const std::lock_guard guard(mutex);
    stopping = true;
  }
  wake.notify_all();
  if (detection.joinable()) detection.join();
  world.log.debug("detection is settled");
  if (courier) courier->stop();
  world.log.debug("the courier has put down what it held");
  if (housekeeping.joinable()) housekeeping.join();
}

void Daemon::Body::detect_until_stopped() {
  do {
    const Result<void> outcome = detect_once();
    const std::lock_guard guard(mutex);
    detector.reset();
    if (outcome) return;
    waiting = "detection stopped: " + outcome.error().text;
    if (outcome.error().kind != ErrorKind::unavailable) {
      // A person must look. The doors stay open until the caller of health() ends the process.
      world.log.error("detection ended", {{"why", outcome.error().text}});
      failure = outcome.error();
      return;
    }
    world.log.warn("detection starts anew", {{"why", outcome.error().text}});
  } while (sleep(kDetectionAgain));
}

Result<void> Daemon::Body::detect_once() {
  const std::shared_ptr<const sigma::RuleSet> in_use = rules.in_use();
  TOCSIN_ASSIGN(auto sources, make_sources(config, rules.mappings(), *in_use, keys.subject));
  TOCSIN_ASSIGN(auto made, detect::Detector::start({.store = *store,
                                                    .casebook = *casebook,
                                                    .log = *log,
                                                    .snapshots = *snapshots,
                                                    .rules = in_use,
                                                    .clock = world.clock,
                                                    .metrics = metrics,
                                                    .say = world.log},
                                                   std::move(sources), detect_settings(config)));
  const std::shared_ptr<detect::Detector> running = std::move(made);
  {
    const std::lock_guard guard(mutex);
    detector = running;
    waiting.clear();
  }
  world.log.info("ready", {{"rules", in_use->rules().size()}, {"ruleset", in_use->fingerprint().substr(0, 12)}});
  return running->run(stopping);
}

void Daemon::Body::keep_house() {
  while (sleep(kContactsEvery)) refresh_contacts();
}

void Daemon::Body::refresh_contacts() {
  if (!contacts) return;
  const auto loaded = contacts->refresh(*store, world.clock.now());
  // The contacts loaded before stay in use.
  if (!loaded) return world.log.error("contacts cannot be loaded", {{"why", loaded.error().text}});
  if (*loaded >= 0) world.log.info("contacts loaded", {{"people", *loaded}});
}

/// What runs; before anything does, what will.
serve::RulesInUse Daemon::Body::rules_in_use() const {
  const auto now = current();
  const std::shared_ptr<const sigma::RuleSet> set = now ? now->engine()->rules() : rules.in_use();
  return {set->fingerprint(), static_cast<std::int64_t>(set->rules().size())};
}

Result<v1::ReloadRulesResponse> Daemon::Body::reload_rules() {
  Result<v1::ReloadRulesResponse> done = [this]() -> Result<v1::ReloadRulesResponse> {
    const auto now = current();
    if (!now) return unavailable("detection is not running yet; see `tocsin status`");
    return rules.reload(*now, keys.subject);
  }();
  metrics.add("tocsin_rules_reloads_total", 1, {{"outcome", done ? "done" : std::string(name_of(done.error().kind))}});
  if (!done) {
    world.log.error("rules are not reloaded; those in use stay", {{"why", done.error().text}});
    return done;
  }
  for (const v1::RejectedRule& each : done->rejected()) {
    world.log.warn("a rule is left out", {{"file", each.file()}, {"line", each.line()}, {"rule", each.id()}, {"why", each.faults(0)}});
  }
  world.log.info("rules reloaded", {{"rules", done->rules()},
                                    {"ruleset", done->ruleset().substr(0, 12)},
                                    {"added", done->added_size()},
                                    {"changed", done->changed_size()},
                                    {"removed", done->removed_size()},
                                    {"compiled", done->compiled()},
                                    {"milliseconds", static_cast<std::int64_t>(done->seconds() * 1000)}});
  return done;
}

/// What the store alone knows, counted when somebody asks.
void Daemon::Body::count() {
  metrics.set("tocsin_ready", not_ready().empty() ? 1 : 0);
  metrics.set("tocsin_rules", static_cast<double>(rules_in_use().rules));
  const auto view = store->read();
  if (!view) return;
  if (const auto alerts = view->alert_count()) metrics.raise_to("tocsin_alerts_total", static_cast<double>(*alerts));
  if (const auto incidents = view->incident_count()) metrics.set("tocsin_incidents", static_cast<double>(*incidents));
  if (const auto people = view->contact_count()) metrics.set("tocsin_contacts", static_cast<double>(*people));
  if (const auto partitions = view->partitions()) {
    std::map<std::string, std::int64_t> events;
    for (const store::PartitionRow& row : *partitions) events[row.source] += row.events;
    for (const auto& [source, number] : events) metrics.raise_to("tocsin_events_total", static_cast<double>(number), {{"source", source}});
  }
  const auto notices = view->notice_counts();
  if (!notices) return;
  for (int i = v1::NoticeState_MIN; i <= v1::NoticeState_MAX; ++i) {
    if (!v1::NoticeState_IsValid(i) || i == v1::NOTICE_STATE_UNSPECIFIED) continue;
    const std::string& state = v1::NoticeState_Name(static_cast<v1::NoticeState>(i));
    const auto at = notices->find(state);
    metrics.set("tocsin_notices", at == notices->end() ? 0 : static_cast<double>(at->second), {{"state", state}});
  }
}

std::vector<std::string> Daemon::Body::not_ready() const {
  std::vector<std::string> reasons;
  std::shared_ptr<detect::Detector> now;
  {
    const std::lock_guard guard(mutex);
    if (!waiting.empty()) reasons.push_back(waiting);
    if (stopping) reasons.push_back("stopping");
    now = detector;
  }
  if (!now) return reasons;
  for (const detect::SourceStatus& source : now->status()) {
    if (!source.reason.empty()) reasons.push_back(fmt::format("source `{}`: {}", source.name, source.reason));
  }
  return reasons;
}

std::int64_t Daemon::Body::end_of(const std::string& source, std::int32_t partition) const {
  const auto now = current();
  if (!now) return -1;
  for (const detect::SourceStatus& each : now->status()) {
    if (each.name != source) continue;
    const auto at = each.ends.find(partition);
    return at == each.ends.end() ? -1 : at->second;
  }
  return -1;
}

Daemon::Daemon(std::unique_ptr<Body> body) : body_(std::move(body)) {}

Daemon::~Daemon() { body_->stop(); }

Result<std::unique_ptr<Daemon>> Daemon::start(v1::Config config, DaemonWorld world) {
  auto body = std::make_unique<Body>(std::move(config), std::move(world));
  TOCSIN_TRY(body->open_state());
  TOCSIN_TRY(body->open_doors());
  TOCSIN_TRY(body->start_courier());
  body->start_threads();
  return std::unique_ptr<Daemon>(new Daemon(std::move(body)));
}

Result<void> Daemon::health() const {
  const std::lock_guard guard(body_->mutex);
  if (body_->failure) return Failure(*body_->failure);
  return {};
}

Result<void> Daemon::reload_rules() {
  TOCSIN_ASSIGN(const v1::ReloadRulesResponse done, body_->reload_rules());
  Result<void> noted = body_->casebook->note({"signal:SIGHUP"}, "rules_reloaded", done.ruleset());
  if (!noted) body_->world.log.error("the reload of the rules is not in the audit trail", {{"why", noted.error().text}});
  return noted;
}

std::vector<std::string> Daemon::not_ready() const { return body_->not_ready(); }

bool Daemon::exhausted() const {
  const auto now = body_->current();
  return now && now->exhausted();
}

std::string Daemon::http_address() const { return body_->http->address(); }
int Daemon::grpc_port() const { return body_->grpc->port(); }
std::string Daemon::socket_path() const { return body_->grpc->socket_path(); }

}  // namespace tocsin::cli
