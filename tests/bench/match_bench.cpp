// match_bench.cpp: a file of events through the decoder, and through decoder and engine; simdjson's bare parse beside it.
#include <simdjson.h>

#include "daemon/ingest/mapper.h"
#include "daemon/sigma/engine/matcher.h"
#include "tests/bench/bench.h"
#include "tests/bench/mappings.h"

namespace tocsin::bench {
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
  std::size_t hits = 0, dead_lines = 0, filled = 0, parsed = 0;   // Of the last round of each.
  const auto decode = [&](auto&& use) {
    dead_lines = 0;
    for (const std::string_view line : lines) {
      record.value.assign(line);
      if (!mapper.map(record, events, dead)) {
        ++dead_lines;
        continue;
      }
      for (const Event& event : events) use(event);
    }
  };
  const auto decode_only = [&] {
    filled = 0;
    decode([&](const Event& event) { filled += event.filled().size(); });
  };
  const auto both = [&] {
    hits = 0;
    decode([&](const Event& event) { hits += matcher.match(event).size(); });
  };
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  const auto bare = [&] {
    parsed = 0;
    for (const std::string_view line : lines) {
      const std::size_t at = static_cast<std::size_t>(line.data() - text.data());
      if (parser.parse(padded.data() + at, line.size(), false).error() == simdjson::SUCCESS) ++parsed;
    }
  };
  both();   // Once without a clock: memory grows to its size.
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
  fmt::print(R"({{"bench":"match","rules":{},"events":{},"bytes":{},"hits":{},"dead":{},"filled":{},"parsed":{},"parse_ev_s":{:.0f},"decode_ev_s":{:.0f},"match_ev_s":{:.0f},"together_ev_s":{:.0f},"of_parse":{:.3f},"peak_mib":{:.1f}}})" "\n",
             rules->rules().size(), lines.size(), text.size(), hits, dead_lines, filled, parsed, n / parse.cpu, n / decoded.cpu,
             n / std::max(1e-9, whole.cpu - decoded.cpu), n / whole.cpu, parse.cpu / whole.cpu, memory_mib("VmHWM:"));
  return 0;
}

}  // namespace tocsin::bench
