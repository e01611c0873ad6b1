// match_bench.cpp: a file of events through the decoder, and through decoder and engine; simdjson's bare parse beside it.
#include <simdjson.h>

#include "daemon/ingest/flat_mapping.h"
#include "daemon/ingest/mapper.h"
#include "daemon/sigma/engine/matcher.h"
#include "tests/bench/bench.h"

namespace tocsin::bench {
namespace {

std::vector<v1::Mapping> mappings_of(const std::string& name) {
  if (name == "flat") return {ingest::flat_mapping()};
  return must(ingest::load_mappings({std::string(TOCSIN_SOURCE_DIR) + "/rules/mappings/" + name + ".yml"}));
}

}  // namespace

int match(const Options& options) {
  const std::string text = bytes_of(options.text("events", ""));
  const std::vector<std::string_view> lines = lines_of(text);
  const auto rules = std::make_shared<const sigma::RuleSet>(must(sigma::RuleSet::load({options.text("rules", "")})));
  const std::vector<v1::Mapping> mappings = mappings_of(options.text("mapping", "flat"));
  ingest::MapperSettings settings{.source = "bench", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {mappings.front().name()}};
  ingest::Mapper mapper = must(ingest::Mapper::make(mappings, rules->fields(), settings));
  sigma::Matcher matcher(rules, options.text("routing", "logsource") == "off" ? sigma::Matcher::Routing::off : sigma::Matcher::Routing::log_source);
  std::vector<Event> events;
  ingest::DeadLetter dead;
  Record record;
  std::size_t hits = 0, dead_lines = 0;
  const auto decode = [&](auto&& use) {
    for (const std::string_view line : lines) {
      record.value.assign(line);
      if (!mapper.map(record, events, dead)) {
        ++dead_lines;
        continue;
      }
      for (const Event& event : events) use(event);
    }
  };
  std::size_t seen = 0;
  const auto decode_only = [&] { decode([&](const Event& event) { seen += event.filled().size(); }); };
  const auto both = [&] { decode([&](const Event& event) { hits += matcher.match(event).size(); }); };
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  const auto bare = [&] {
    for (const std::string_view line : lines) {
      const std::size_t at = static_cast<std::size_t>(line.data() - text.data());
      if (parser.parse(padded.data() + at, line.size(), false).error() == simdjson::SUCCESS) ++seen;
    }
  };
  both();   // Once without a clock: memory grows to its size.
  hits = dead_lines = 0;
  Cost parse, decoded, whole;
  const auto least = [](Cost& kept, const Cost& now) {
    if (kept.cpu == 0 || now.cpu < kept.cpu) kept = now;
  };
  const std::int64_t rounds = std::max<std::int64_t>(1, options.number("rounds", 3));
  // In turn, so that the machine's moods fall on all three.
  for (std::int64_t i = 0; i < rounds; ++i) {
    least(parse, time_of(bare));
    least(decoded, time_of(decode_only));
    least(whole, time_of(both));
  }
  const auto n = static_cast<double>(lines.size());
  fmt::print(R"({{"bench":"match","rules":{},"events":{},"bytes":{},"hits":{},"dead":{},"filled":{},"parse_ev_s":{:.0f},"decode_ev_s":{:.0f},"match_ev_s":{:.0f},"together_ev_s":{:.0f},"of_parse":{:.3f},"peak_mib":{:.1f}}})" "\n",
             rules->rules().size(), lines.size(), text.size(), hits / static_cast<std::size_t>(rounds), dead_lines / static_cast<std::size_t>(rounds), seen / static_cast<std::size_t>(rounds), n / parse.cpu, n / decoded.cpu,
             n / std::max(1e-9, whole.cpu - decoded.cpu), n / whole.cpu, parse.cpu / whole.cpu, memory_mib("VmHWM:"));
  return 0;
}

}  // namespace tocsin::bench
