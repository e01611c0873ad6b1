// durable_bench.cpp: how fast the whole detect plane is, as ratios to a bare read loop in the same run.
//
// One thread. Events are AccessEvents of about 600 bytes by 2,000 actors and, one in 25, by a mass reader. Measured:
// reading alone, decode + match, and the durable pipeline (match log with fdatasync, fold, SQLite with synchronous=FULL).
#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "daemon/base/promise.h"
#include "daemon/detect/detector.h"
#include "daemon/ingest/file_source.h"
#include "daemon/log/local_log.h"
#include "tests/bench/bench.h"

namespace tocsin::bench {
namespace {

struct Plan {
  std::int64_t events = 300'000;
  std::string folder = "/tmp/tocsin-bench";
  std::string rules = std::string(TOCSIN_SOURCE_DIR) + "/rules";
};

void write_events(const Plan& plan, const std::string& path) {
  std::mt19937_64 random(1);
  std::ofstream out(path, std::ios::binary);
  Instant time = must(parse_rfc3339("2026-11-23T00:00:00Z"));
  for (std::int64_t i = 0; i < plan.events; ++i) {
    time += std::chrono::microseconds(1 + random() % 500'000);
    const bool busy = random() % 25 == 0;
    const auto actor = busy ? 5000 + i / 50'000 : static_cast<std::int64_t>(random() % 2000);
    const auto customer = busy ? i : actor * 10 + static_cast<std::int64_t>(random() % 10);
    std::string line = fmt::format(
        R"({{"uid":"e-{}","time":"{}","actor":{{"id":"user-{}","type":"employee","roles":["customer_service","staff"],"org":"acme","dept":"support","mfa":true,"session":"s-{:016x}"}},)"
        R"("action":{{"verb":"{}","operation":"GET /api/v1/customers/{}","service":"crm"}},"resource":{{"id":"{}","type":"customer","store":"crm-main","table":"customers","classifications":["personal"]}},)"
        R"("subjects":[{{"id":"{}","id_type":"customer"}}],"record_count":1,"byte_count":2048,"src":{{"ip":"10.1.{}.{}","country":"CN","user_agent":"Mozilla/5.0 X11 Linux x86_64"}},"purpose":"support","outcome":"success","case_ref":"T-)",
        i, rfc3339(time), actor, random(), random() % 3 == 0 ? "Update" : "Read", customer, customer, customer, actor % 250, actor % 199);
    line.resize(std::max<std::size_t>(line.size(), 597), 'x');
    out << line << "\"}\n";
  }
}

Cost bare_read(const Plan& plan, const std::string& path) {
  ingest::FileSource source("access", {path});
  must(source.open({}));
  Stopwatch watch;
  watch.start();
  std::int64_t records = 0;
  while (!source.exhausted()) records += static_cast<std::int64_t>(must(source.poll(limits::kBatchRecordsMax, {})).records.size());
  watch.stop();
  TOCSIN_ASSERT(records == plan.events);
  return watch.cost();
}

struct Rules {
  std::shared_ptr<const sigma::RuleSet> set;
  std::vector<v1::Mapping> mappings;
  explicit Rules(const Plan& plan)
      : set(std::make_shared<const sigma::RuleSet>(must(sigma::RuleSet::load({plan.rules + "/detections"})))),
        mappings(must(ingest::load_mappings({plan.rules + "/mappings"}))) {}
  std::unique_ptr<ingest::Mapper> mapper() const {
    return std::make_unique<ingest::Mapper>(
        must(ingest::Mapper::make(mappings, set->fields(), {.source = "access", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {"access_event"}})));
  }
};

Cost decode_and_match(const Plan& plan, const std::string& path, const Rules& rules) {
  const SystemClock clock;
  ingest::FileSource source("access", {path});
  const auto mapper = rules.mapper();
  detect::StageOne one("access", *mapper, sigma::LiveMatcher(rules.set), clock, {});
  detect::Frames frames;
  one.begin({}, must(source.open({})), frames);
  Stopwatch watch;
  std::size_t made = 0;
  while (!source.exhausted()) {
    const Batch batch = must(source.poll(limits::kBatchRecordsMax, {}));
    frames.clear();
    watch.start();
    if (const auto taken = one.take(batch, frames); !taken) must<bool>(Failure(taken.error()));
    watch.stop();
    made += frames.size();
  }
  fmt::print("  ({} frames of {} records)\n", made, plan.events);
  return watch.cost();
}

Cost whole_plane(const Plan& plan, const std::string& path, const Rules& rules) {
  const SystemClock clock;
  auto log = must(LocalLog::open({.folder = plan.folder + "/log", .segment_bytes = limits::kSegmentBytes, .disk = {}}));
  auto store = must(store::Store::open({.path = plan.folder + "/store.db", .tenant = "bench", .seal_key = Secret(std::string(32, 's'))}));
  casebook::Casebook casebook(*store, clock, v1::Config(), v1::Playbook());
  const detect::Snapshots snapshots(plan.folder + "/snapshots", Secret(std::string(32, 's')));
  Metrics metrics;
  Log say(clock, {.level = LogLevel::warn, .json = false, .instead = {}});
  std::vector<detect::DetectSource> sources;
  sources.push_back({std::make_unique<ingest::FileSource>("access", std::vector<std::string>{path}), rules.mapper()});
  auto detector = must(detect::Detector::start({*store, casebook, *log, snapshots, rules.set, clock, metrics, say}, std::move(sources), {}));
  Stopwatch watch;
  watch.start();
  while (!detector->exhausted()) must(detector->step());
  watch.stop();
  const store::View view = must(store->read());
  std::int64_t applied = 0;
  for (const store::PartitionRow& row : must(view.partitions())) applied += row.applied;
  TOCSIN_ASSERT(applied == plan.events);
  fmt::print("  ({} alerts, {} incidents, {} commits, {:.1f} MB of match log)\n", must(view.alert_count()), must(view.incident_count()),
             detector->stage_two().counts().commits, static_cast<double>(log->end()) / 1e6);
  return watch.cost();
}

}  // namespace

int durable(const Options& options) {
  const Plan defaults;
  const Plan plan{options.number("events", defaults.events), options.text("folder", defaults.folder), options.text("rules", defaults.rules)};
  std::filesystem::remove_all(plan.folder);
  std::filesystem::create_directories(plan.folder);
  const std::string path = plan.folder + "/events.ndjson";
  write_events(plan, path);
  const Rules rules(plan);
  const auto n = static_cast<double>(plan.events);
  fmt::print("{} events of {:.0f} bytes, {} rules\n", plan.events, static_cast<double>(std::filesystem::file_size(path)) / n, rules.set->rules().size());
  const Cost read = bare_read(plan, path);
  const Cost matched = decode_and_match(plan, path, rules);
  const Cost whole = whole_plane(plan, path, rules);
  const auto row = [&](std::string_view what, const Cost& cost) {
    fmt::print("{:28} {:>9.0f} events/s  {:>7.2f} µs and {:>6.2f} µs of processor an event  {:>5.2f} × the bare read\n", what, n / cost.wall,
               cost.wall / n * 1e6, cost.cpu / n * 1e6, cost.cpu / read.cpu);
  };
  row("bare read loop", read);
  row("decode + match, no reading", matched);
  row("durable, end to end", whole);
  return 0;
}

}  // namespace tocsin::bench
