// notifiers.h: the table of channels: from a row of the configuration to a notifier.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "notifiers/notifier.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin {

/// The world that notifiers live in.
struct Surroundings {
  const Clock& clock;
  std::string state_dir;       ///< The announcement channel's default folder lies here.
};

/// Builds the channel's notifier from its typed settings. bad_input names the channel and the setting that is wrong.
/// Nothing is contacted: a provider that is down must not keep the daemon from starting.
Result<std::unique_ptr<Notifier>> make_notifier(const v1::ChannelConfig& channel, const Surroundings& surroundings);

/// The types of the table, sorted.
std::vector<std::string_view> channel_types();

}  // namespace tocsin
