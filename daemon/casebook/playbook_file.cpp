// playbook_file.cpp: rules/playbook.yml, read with the one reader of all YAML files.
#include "daemon/base/proto_yaml.h"
#include "daemon/casebook/plan.h"

namespace tocsin::casebook {

Result<v1::Playbook> load_playbook(const std::string& path) {
  v1::Playbook playbook;
  if (auto loaded = load_yaml(path, playbook); !loaded) return while_doing("loading the playbook", std::move(loaded).error());
  return playbook;
}

}  // namespace tocsin::casebook
