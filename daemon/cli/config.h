// config.h: tocsin.yml, read and checked as a whole.
#pragma once

#include <string>

#include "daemon/base/proto_yaml.h"
#include "daemon/base/result.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin::cli {

/// Fills the configuration and checks what one field alone cannot say. bad_input holds every fault with its caret.
/// Relative paths start at the file's folder. Nothing is contacted.
Result<v1::Config> load_config(const std::string& path, const EnvironmentLookup& environment = process_environment);

/// The daemon's socket, read without judging the rest: a client may not be allowed to read the secrets' files.
Result<std::string> socket_of(const std::string& config_path);

}  // namespace tocsin::cli
