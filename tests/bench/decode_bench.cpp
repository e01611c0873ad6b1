// decode_bench.cpp: what a record costs on its way into slots, step by step, beside simdjson's bare DOM parse of the same bytes.
#include <simdjson.h>

#include <set>

#include "daemon/ingest/decoders/json_walks.h"
#include "daemon/ingest/mapper.h"
#include "tests/bench/bench.h"
#include "tests/bench/mappings.h"

namespace tocsin::bench {
namespace {

using ingest::Document;
using ingest::NodeKind;

/// The dotted path of every leaf: the most that rules could ask for.
void add_paths(const Document& document, std::uint32_t node, const std::string& path, std::set<std::string>& out) {
  ingest::for_children(document, node, [&](std::uint32_t child) {
    const ingest::Node& here = document.nodes[child];
    const std::string longer = here.key.empty() ? path : path + (path.empty() ? "" : ".") + std::string(here.key);
    if (here.kind == NodeKind::object || here.kind == NodeKind::array) add_paths(document, child, longer, out);
    else out.insert(longer);
  });
}

FieldTable fields_of(const std::vector<std::string_view>& lines) {
  std::set<std::string> paths;
  Document document;
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 200); ++i) {
    if (!ingest::walk_strictly(lines[i], document)) add_paths(document, 0, "", paths);
  }
  FieldTable out;
  for (const std::string& path : paths) out.intern(path);
  return out;
}

}  // namespace

int decode(const Options& options) {
  const std::string text = bytes_of(options.text("events", ""));
  const std::vector<std::string_view> lines = lines_of(text);
  const std::string name = options.text("mapping", "flat");
  const std::vector<v1::Mapping> mappings = mappings_of(name);
  const FieldTable fields = fields_of(lines);
  ingest::Mapper mapper = must(ingest::Mapper::make(mappings, fields, {.source = "bench", .subject_key = {Secret(std::string(32, 'h')), 1}, .mappings = {name}}));
  std::vector<Record> records(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) records[i].value = lines[i];

  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  Document document;
  std::vector<Event> events;
  ingest::DeadLetter dead;
  std::size_t nodes = 0, values = 0, refused = 0;   // Of one step and round.
  const std::pair<std::string_view, std::function<void()>> steps[] = {
      {"simdjson's DOM, nothing else",
       [&] {
         for (const std::string_view line : lines) refused += parser.parse(padded.data() + (line.data() - text.data()), line.size(), false).error() != simdjson::SUCCESS;
       }},
      {"index → nodes",
       [&] {
         nodes = 0;
         for (const std::string_view line : lines) refused += !ingest::walk_indexed(line, document), nodes += document.nodes.size();
       }},
      {"strict walk → nodes",
       [&] {
         for (const std::string_view line : lines) refused += ingest::walk_strictly(line, document).has_value();
       }},
      {"record → slots",
       [&] {
         values = 0;
         for (const Record& record : records) {
           if (!mapper.map(record, events, dead)) ++refused;
           else for (const Event& event : events) values += event.all_values().size();
         }
       }},
  };
  std::vector<Cost> least(std::size(steps));
  std::vector<std::size_t> dead_lines(std::size(steps));
  for (std::int64_t round = 0; round < std::max<std::int64_t>(2, options.number("rounds", 5)); ++round) {
    for (std::size_t i = 0; i < std::size(steps); ++i) {
      refused = 0;
      const Cost now = time_of(steps[i].second);
      dead_lines[i] = refused;
      if (round > 0 && (least[i].cpu == 0 || now.cpu < least[i].cpu)) least[i] = now;   // The first only warms up.
    }
  }
  const auto n = static_cast<double>(lines.size());
  fmt::print("{} events of {:.0f} bytes, {:.1f} nodes and {:.1f} values each, {} fields\n", lines.size(), static_cast<double>(text.size()) / n - 1, static_cast<double>(nodes) / n,
             static_cast<double>(values) / n, fields.size() - 1);
  for (std::size_t i = 0; i < std::size(steps); ++i) {
    fmt::print("{:30} {:>7.3f} µs  {:>10.0f} events/s  {:>5.2f} × the DOM  {} refused\n", steps[i].first, least[i].cpu / n * 1e6, n / least[i].cpu, least[i].cpu / least[0].cpu, dead_lines[i]);
  }
  return 0;
}

}  // namespace tocsin::bench
