// settings_file.h: the settings messages that this program was built with, found by file.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace tocsin {

/// `tocsin/v1/settings/channels.proto`, or nullptr. The build generates the definition, so that a new file is known at once.
const google::protobuf::FileDescriptor* settings_file(const std::string& name);

}  // namespace tocsin
