// state.cpp: the marker that says which program a state folder belongs to.
#include "daemon/cli/state.h"

#include <filesystem>

#include "daemon/base/file.h"

namespace tocsin::cli {
namespace {

constexpr std::string_view kMarker = "tocsin state 1\n";

}  // namespace

Result<void> prepare_state(const StatePaths& paths) {
  TOCSIN_TRY(make_folder(paths.folder()));
  std::error_code error;
  if (std::filesystem::exists(paths.format(), error)) {
    TOCSIN_ASSIGN(const std::string marker, read_file(paths.format(), 256));
    if (marker == kMarker) return {};
    if (marker.starts_with("tocsin state ")) {
      return refused(fmt::format("{}: written by a later version (`{}`); this program reads `{}`", paths.format(), marker.substr(0, marker.find('\n')), kMarker.substr(0, kMarker.size() - 1)));
    }
    return refused(fmt::format("{}: is no marker of ours; state_dir must be a folder of its own", paths.format()));
  }
  for (const auto& entry : std::filesystem::directory_iterator(paths.folder(), error)) {
    // The lock is ours, a lost+found the file system's, keys may be put here beforehand.
    const std::string name = entry.path().filename().string();
    if (name == "lock" || name == "lost+found" || name == "keys") continue;
    return refused(fmt::format("{}: is not empty (`{}`) and no state folder of ours; name another state_dir", paths.folder(), name));
  }
  if (error) return unavailable(fmt::format("{}: {}", paths.folder(), error.message()));
  return write_file(paths.format(), kMarker);
}

}  // namespace tocsin::cli
