// event_reading.cpp: what stands on the command line, looked up.
#include "daemon/cli/event_reading.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "daemon/base/hash.h"
#include "daemon/cli/rule_pack.h"
#include "daemon/ingest/flat_mapping.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// Refs of people that these verbs hash compare with one another, and with nothing else.
SubjectKey passing_key() { return {Secret(hmac_sha256("tocsin match", "subject")), 1}; }

}  // namespace

Reply<std::vector<std::string>> detection_paths(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths.empty() ? std::vector<std::string>{installed_pack()} : paths) {
    if (path.empty()) return tl::unexpected(Ending{ExitCode::usage, "no rules: none are installed beside the program", "say --rules PATH"});
    if (!is_there(path)) return tl::unexpected(Ending{ExitCode::not_found, fmt::format("{}: no such file or folder", path), {}});
    out.push_back(is_there(fs::path(path) / "detections") ? (fs::path(path) / "detections").string() : path);
  }
  return out;
}

std::vector<std::string> pack_placeholders(const std::vector<std::string>& paths) {
  // As find_pack() completes rules that come without a pack of their own.
  std::vector<std::string> packs = paths;
  packs.push_back(installed_pack());
  const auto pack = std::find_if(packs.begin(), packs.end(), [](const std::string& path) { return !path.empty() && is_there(fs::path(path) / "detections"); });
  if (pack == packs.end() || !is_there(fs::path(*pack) / "placeholders")) return {};
  return {(fs::path(*pack) / "placeholders").string()};
}

void add_event_options(CLI::App& verb, EventWords& words) {
  using Routing = sigma::Matcher::Routing;
  static const std::map<std::string, Routing> kRoutings = {{"logsource", Routing::log_source}, {"off", Routing::off}};
  add_rule_words(verb, words, "the installed pack");
  add_strict(verb, words);
  verb.add_option("--mapping", words.mappings, "a mapping file or folder, or the name of an installed mapping; repeats (else keys are field names)")
      ->allow_extra_args(false);
  verb.add_option("--routing", words.routing, "logsource: a rule sees only events of its log source; off: every rule sees every event")
      ->transform(CLI::CheckedTransformer(kRoutings))
      ->option_text("logsource|off");
}

Reply<std::shared_ptr<const sigma::RuleSet>> load_event_rules(const Call& call, const EventWords& words) {
  const auto paths = detection_paths(words.paths);
  if (!paths) return tl::unexpected(paths.error());
  const auto settings = rule_settings(words, pack_placeholders(words.paths));
  if (!settings) return tl::unexpected(ending_of(settings.error()));
  auto loaded = sigma::load_rules(*paths, *settings);
  if (!loaded) return tl::unexpected(ending_of(loaded.error()));
  print_rejected(call, loaded->rejected);
  if (loaded->rules.rules().empty()) return tl::unexpected(Ending{ExitCode::configuration, "no rule can be run", {}});
  return std::make_shared<const sigma::RuleSet>(std::move(loaded->rules));
}

Reply<EventMappings> load_event_mappings(const std::vector<std::string>& words) {
  EventMappings out;
  const auto load = [&](const std::string& path, bool chosen) -> Result<void> {
    TOCSIN_ASSIGN(std::vector<v1::Mapping> loaded, ingest::load_mappings({path}));
    for (v1::Mapping& mapping : loaded) {
      if (chosen) out.chosen.push_back(mapping.name());
      out.all.push_back(std::move(mapping));
    }
    return {};
  };
  bool pack_read = false;
  for (const std::string& word : words) {
    Result<void> loaded;
    if (is_there(word)) {
      loaded = load(word, true);
    } else {
      out.chosen.push_back(word);
      if (const std::string pack = installed_pack(); !pack.empty() && !std::exchange(pack_read, true)) loaded = load(pack + "/mappings", false);
    }
    if (!loaded) return tl::unexpected(ending_of(loaded.error()));
  }
  return out;
}

Reply<ingest::Mapper> mapper_of(const std::vector<std::string>& mappings, const FieldTable& fields) {
  auto loaded = load_event_mappings(mappings);
  if (!loaded) return tl::unexpected(loaded.error());
  if (mappings.empty()) {
    loaded->all.push_back(ingest::flat_mapping());
    loaded->all.back().set_identity("position");   // Nobody sends these lines twice: two that are the same are two events.
  }
  auto mapper = ingest::Mapper::make(loaded->all, fields, {.source = "file", .subject_key = passing_key(), .mappings = std::move(loaded->chosen)});
  if (!mapper) return tl::unexpected(ending_of(mapper.error()));
  return std::move(*mapper);
}

Reply<std::vector<std::string>> event_files(std::vector<std::string> files) {
  if (files.empty()) files.emplace_back("-");
  for (const std::string& file : files) {
    if (file != "-" && !is_there(file)) return tl::unexpected(Ending{ExitCode::not_found, fmt::format("{}: no such file", file), {}});
  }
  return files;
}

}  // namespace tocsin::cli
