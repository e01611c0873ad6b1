// match_verb.cpp: `tocsin match --rules DIR FILE…`: which rules hit which line, as NDJSON.
#include <CLI/CLI.hpp>
#include <chrono>

#include "daemon/base/hash.h"
#include "daemon/cli/event_reading.h"
#include "daemon/cli/verbs.h"
#include "daemon/detect/match_lines.h"

namespace tocsin::cli {
namespace {

const std::map<std::string, detect::Refire> kRefires = {{"bucket", detect::Refire::bucket}, {"every", detect::Refire::every}};

struct Words : EventWords {
  std::vector<std::string> files;
  detect::Refire refire = detect::Refire::bucket;
  std::string lateness;
};

detect::LineBuffer::Write writing_to(std::ostream& to) {
  return [&to](std::string_view bytes) { return to.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush().good(); };
}

void print_summary(const Call& call, const detect::MatchCounts& counts, double seconds) {
  if (call.format == Format::json || call.format == Format::ndjson) {
    call.world.err << fmt::format(R"({{"events":{},"matches":{},"correlations":{},"dead":{},"timeless":{},"late":{},"given_up":{},"seconds":{:.3f}}})"
                                  "\n",
                                  counts.events, counts.matches, counts.alerts, counts.dead, counts.timeless, counts.late, counts.given_up,
                                  seconds);
    return;
  }
  call.world.err << fmt::format("{} events, {} matches, {} correlation alerts, {} dead lines, {:.3f} s\n", counts.events, counts.matches,
                                counts.alerts, counts.dead, seconds);
  if (counts.late > 0) call.world.err << fmt::format("{} times a correlation refused an event as too late\n", counts.late);
  if (counts.given_up > 0) call.world.err << fmt::format("{} times a correlation gave up a group or an event for want of memory: its counts are at least what is said\n", counts.given_up);
  if (counts.timeless > 0) call.world.err << fmt::format("{} events without a time did not count for correlations\n", counts.timeless);
}

Ending match(const Call& call, const Words& words) {
  if (call.format == Format::csv) return {ExitCode::usage, "hits are NDJSON; there is no CSV of them", "`tocsin backtest` counts them per rule, as CSV too"};
  const std::string secret = random_bytes(sizeof(std::uint64_t));
  detect::MatchSettings settings{words.routing, words.refire, {}, 0};
  std::memcpy(&settings.seed, secret.data(), secret.size());
  if (!words.lateness.empty()) {
    const auto lateness = parse_duration(words.lateness);
    if (!lateness) return {ExitCode::usage, "--lateness: " + lateness.error().text, {}};
    settings.lateness = *lateness;
  }
  const auto files = event_files(words.files);
  if (!files) return files.error();
  const auto rules = load_event_rules(call, words);
  if (!rules) return rules.error();
  auto mapper = mapper_of(words.mappings, (*rules)->fields());
  if (!mapper) return mapper.error();
  const auto waits = [](const sigma::Rule& rule) { return rule.correlation() != nullptr && rule.correlation()->type->counting == sigma::Counting::extension; };
  const auto all = (*rules)->rules();
  if (const auto n = std::count_if(all.begin(), all.end(), waits); words.refire == detect::Refire::every && n > 0) {
    call.world.err << fmt::format("{} rules of first_seen, absence or baseline, and what stands on them, wait for the watermark: --refire every says nothing of them\n", n);
  }

  const auto began = std::chrono::steady_clock::now();
  detect::MatchLines lines(*rules, *mapper, settings, writing_to(call.world.out), writing_to(call.world.err));
  for (const std::string& file : *files) {
    if (const auto read = lines.read(file, files->size() > 1); !read) return ending_of(read.error());
  }
  if (const auto closed = lines.close(); !closed) return ending_of(closed.error());
  print_summary(call, lines.counts(), std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return {};
}

}  // namespace

void add_match(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("match", "which rules hit which line of NDJSON files: one JSON line a hit")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("files", words->files, "NDJSON files; - is standard input (the default)");
  sub->add_option("--refire", words->refire, "bucket: a correlation once for each group and bucket; every: at each event at which it holds, as they come (not first_seen, absence, baseline, which wait)")
      ->transform(CLI::CheckedTransformer(kRefires))
      ->option_text("bucket|every");
  sub->add_option("--lateness", words->lateness,
                  "how far behind the newest event one may come and still count for a correlation (else bucket keeps all to the end, every takes 10m)");
  add_event_options(*sub, *words);
  sub->callback([&call, words] { call.action = [&call, words] { return match(call, *words); }; });
}

}  // namespace tocsin::cli
