// replay_verb.cpp: `tocsin replay FILE…`: the detect plane over files, without broker, log or store.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "daemon/cli/content.h"
#include "daemon/cli/keys.h"
#include "daemon/cli/verbs.h"
#include "daemon/detect/replay.h"
#include "daemon/ingest/file_source.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::vector<std::string> files, rules, mappings;
  std::string source = "replay", tenant = "default", lateness = "10m", state_dir;
  bool canonical = false, summary = false;
};

/// Without --state-dir the refs are hashed with a fixed key: they compare between replays, and with nothing else.
Result<SubjectKey> subject_key(const std::string& state_dir) {
  if (state_dir.empty()) return SubjectKey{Secret(hmac_sha256("tocsin replay", "subject")), 1};
  TOCSIN_ASSIGN(const Keys keys, read_keys(state_dir));
  return keys.subject;
}

Ending replay(const Call& call, const Words& words) {
  const auto lateness = parse_duration(words.lateness);
  if (!lateness) return {ExitCode::usage, "--lateness: " + lateness.error().text, {}};
  for (const std::string& file : words.files) {
    std::error_code error;
    if (file != "-" && !std::filesystem::exists(file, error)) return {ExitCode::not_found, fmt::format("{}: no such file", file), {}};
  }
  auto pack = find_pack(words.rules, installed_pack());
  if (!pack) return ending_of(pack.error());
  auto content = load_content(*pack);
  if (!content) return ending_of(content.error());
  auto key = subject_key(words.state_dir);
  if (!key) return ending_of(key.error());
  auto mapper = ingest::Mapper::make(content->mappings, content->rules->fields(), {.source = words.source, .subject_key = *key, .mappings = words.mappings});
  if (!mapper) return ending_of(mapper.error());
  ingest::FileSource source(words.source, words.files);
  detect::ReplaySettings settings;
  settings.tenant = words.tenant;
  settings.stage_one.lateness = *lateness;
  auto replayed = detect::replay(source, *mapper, content->rules, call.world.clock, settings);
  if (!replayed) return ending_of(replayed.error());
  call.world.out << (words.canonical ? detect::canonical(*replayed, casebook::Plan(content->playbook, v1::Config())) : detect::to_ndjson(*replayed));
  if (words.summary) {
    for (const auto& [where, row] : replayed->partitions) {
      call.world.err << fmt::format("{}/{}: {} records, {} events, {} applied, {} late, {} dead\n", row.source, row.partition, row.next - row.start, row.events, row.applied, row.late, row.dead);
    }
    call.world.err << fmt::format("{} alerts\n", replayed->alerts.size());
  }
  return {};
}

}  // namespace

void add_replay(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("replay", "alerts of NDJSON files, as ndjson, with the affected refs")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("files", words->files, "NDJSON files, each a partition; - is standard input")->required();
  sub->add_option("--rules", words->rules, "a pack, a folder of rules or a file; repeats (else the installed pack)");
  sub->add_option("--mapping", words->mappings, "name of a mapping to try; repeats (else whichever matches)");
  sub->add_option("--source", words->source, "name of the source, part of event identities")->capture_default_str();
  sub->add_option("--tenant", words->tenant, "part of alert identities")->capture_default_str();
  sub->add_option("--lateness", words->lateness, "how late an event may come")->capture_default_str();
  sub->add_option("--state-dir", words->state_dir, "take the subject key from this state folder, so that refs equal the daemon's");
  sub->add_flag("--canonical", words->canonical, "print what must not depend on the order of arrival, sorted");
  sub->add_flag("--summary", words->summary, "counts per file on stderr");
  sub->callback([&call, words] { call.action = [&call, words] { return replay(call, *words); }; });
}

}  // namespace tocsin::cli
