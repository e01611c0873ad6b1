// proto_yaml.h: any protobuf message from YAML, by reflection, with errors that point at the place.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/result.h"
#include "daemon/base/yaml.h"

namespace tocsin {

using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The variables of this process.
std::optional<std::string> process_environment(std::string_view name);

struct FillSettings {
  /// Answers `${env:X}` inside scalars; `$${` stands for `${`. Left empty, texts are taken as written: content such as
  /// rules must not read the environment of whoever runs it.
  EnvironmentLookup environment;
  /// What relative paths of `(path)` fields and `<secret>_file` keys start from. Empty: the folder of the file.
  std::string folder;
};

/// Fills `message` from `node`; keys are the proto's field names, options.proto says what a field demands beside its type.
/// bad_input holds every fault of the file in order of place, each as `file:line:col`, what was expected, and a caret.
///
/// enum: the value's name in lower case without the enum's prefix (`exact`), or as in the proto · Duration: `10m` ·
/// Timestamp: RFC 3339 · bytes: base64 · Struct, Value, ListValue: any YAML, where an integer that a double cannot hold stays
/// a text · an Any marked `from_type`: the sibling `type: word` names tocsin.v1.settings.<Word>, and the keys of the map
/// that are not the message's own are that message's. The word's message must stand in the settings file of its family: for
/// ChannelConfig that is settings/channels.proto.
/// Absent fields get their default_text, also those of absent sub-messages, unless such a sub-message has a required field.
Result<void> fill(const yaml::File& file, const yaml::Node& node, google::protobuf::Message& message,
                  const FillSettings& settings = {});

/// Loads a file that holds one document (an empty file is an empty map) and fills the message from it.
Result<void> load_yaml(const std::string& path, google::protobuf::Message& message, const FillSettings& settings = {});

}  // namespace tocsin
