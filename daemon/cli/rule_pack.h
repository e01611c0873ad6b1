// rule_pack.h: where rules, mappings, jurisdictions and the playbook lie.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::cli {

/// A folder that has `detections/` is a pack; any other folder or file is detections alone, and the rest comes from the
/// pack of the installation.
struct RulePack {
  std::vector<std::string> detections;
  std::vector<std::string> mappings;
  std::string jurisdictions;   ///< Folder.
  std::string playbook;        ///< File.
  std::vector<std::string> placeholders;   ///< Files and folders of the values of `%name%`: a pack's folder `placeholders`.
};

/// `paths` empty: the installed pack. bad_input where a path is not there, or no pack is installed.
Result<RulePack> find_pack(const std::vector<std::string>& paths, const std::string& installed);

/// The pack beside the running program: beside it, one or two folders above (a build tree), or in share/tocsin. Empty
/// where there is none.
std::string installed_pack();

}  // namespace tocsin::cli
