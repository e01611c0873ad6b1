// notifiers.cpp: the table of channels, one row a type, sorted.
#include "notifiers/notifiers.h"

#include <iterator>

#include "daemon/base/yaml.h"
#include "notifiers/makers.h"

namespace tocsin {
namespace {

struct Row {
  std::string_view type;
  Maker* make;
};

constexpr Row kRows[] = {
    {"announcement", make_announcement},
    {"email", make_email},
    {"push", make_push},
    {"sms", make_sms},
    {"webhook", make_webhook},
};

}  // namespace

std::vector<std::string_view> channel_types() {
  std::vector<std::string_view> types;
  for (const Row& row : kRows) types.push_back(row.type);
  return types;
}

Result<std::unique_ptr<Notifier>> make_notifier(const v1::ChannelConfig& channel, const Surroundings& surroundings) {
  const Row* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.type == channel.type(); });
  if (row == std::end(kRows)) {
    const std::string hint = yaml::did_you_mean(channel.type(), channel_types());
    return bad_input(fmt::format("channel `{}`: there is no channel type `{}`{}{}", channel.name(), channel.type(),
                                 hint.empty() ? "" : ": ", hint));
  }
  auto made = row->make(channel.settings(), surroundings);
  if (!made) return while_doing(fmt::format("channel `{}`", channel.name()), std::move(made).error());
  return made;
}

}  // namespace tocsin
