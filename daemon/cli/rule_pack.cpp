// rule_pack.cpp: telling packs from plain folders of detections.
#include "daemon/cli/rule_pack.h"

#include <filesystem>

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

bool is_pack(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path / "detections", error);
}

/// Takes from a pack whatever no pack before it gave.
void complete(RulePack& out, const fs::path& pack) {
  std::error_code error;
  if (out.mappings.empty() && fs::is_directory(pack / "mappings", error)) out.mappings.push_back(pack / "mappings");
  if (out.jurisdictions.empty() && fs::is_directory(pack / "jurisdictions", error)) out.jurisdictions = pack / "jurisdictions";
  if (out.placeholders.empty() && fs::is_directory(pack / "placeholders", error)) out.placeholders.push_back(pack / "placeholders");
  if (out.playbook.empty() && fs::exists(pack / "playbook.yml", error)) out.playbook = pack / "playbook.yml";
}

}  // namespace

Result<RulePack> find_pack(const std::vector<std::string>& paths, const std::string& installed) {
  RulePack out;
  if (paths.empty() && installed.empty()) {
    return bad_input("no rules: none are configured, and none are installed beside the program; say `rules:` or --rules");
  }
  for (const std::string& path : paths.empty() ? std::vector<std::string>{installed} : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) return bad_input(fmt::format("{}: no such file or folder", path));
    if (is_pack(path)) {
      out.detections.push_back(fs::path(path) / "detections");
      complete(out, path);
    } else {
      out.detections.push_back(path);
    }
  }
  if (!installed.empty()) complete(out, installed);
  if (out.mappings.empty()) return bad_input("no mappings: neither the configured rules nor the installed pack have a folder `mappings`");
  if (out.playbook.empty()) return bad_input("no playbook: neither the configured rules nor the installed pack have a `playbook.yml`");
  return out;
}

std::string installed_pack() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path beside = program.parent_path();
  for (const fs::path& each : {beside / "rules", beside.parent_path() / "rules", beside.parent_path().parent_path() / "rules",
                               beside.parent_path() / "share/tocsin/rules"}) {
    if (is_pack(each)) return each.string();
  }
  return {};
}

}  // namespace tocsin::cli
