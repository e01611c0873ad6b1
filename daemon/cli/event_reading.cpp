// event_reading.cpp: what stands on the command line, looked up.
#include "daemon/cli/event_reading.h"

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

Reply<ingest::Mapper> mapper_of(const std::vector<std::string>& mappings, const FieldTable& fields) {
  const auto refuse = [](const Error& error) { return tl::unexpected(ending_of(error)); };
  std::vector<v1::Mapping> all;
  std::vector<std::string> names;
  const auto load = [&](const std::string& path, bool chosen) -> Result<void> {
    TOCSIN_ASSIGN(std::vector<v1::Mapping> loaded, ingest::load_mappings({path}));
    for (v1::Mapping& mapping : loaded) {
      if (chosen) names.push_back(mapping.name());
      all.push_back(std::move(mapping));
    }
    return {};
  };
  bool pack_read = false;
  for (const std::string& word : mappings) {
    if (is_there(word)) {
      if (const auto loaded = load(word, true); !loaded) return refuse(loaded.error());
      continue;
    }
    if (const std::string pack = installed_pack(); !pack.empty() && !std::exchange(pack_read, true)) {
      if (const auto loaded = load(pack + "/mappings", false); !loaded) return refuse(loaded.error());
    }
    names.push_back(word);
  }
  if (mappings.empty()) {
    all.push_back(ingest::flat_mapping());
    all.back().set_identity("position");   // Nobody sends these lines twice: two that are the same are two events.
  }
  auto mapper = ingest::Mapper::make(all, fields, {.source = "file", .subject_key = passing_key(), .mappings = std::move(names)});
  if (!mapper) return refuse(mapper.error());
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
