// makers.h: what a channel's file gives to the table: one function from settings to a notifier.
#pragma once

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>

#include <memory>

#include "notifiers/notifier.h"
#include "notifiers/notifiers.h"

namespace tocsin {

using Maker = Result<std::unique_ptr<Notifier>>(const google::protobuf::Any& settings, const Surroundings& surroundings);
Maker make_announcement, make_email, make_push, make_sms, make_webhook;  // Maker is a function type: this declares five.

/// The channel's own message out of the Any; bad_input where another type's settings were given.
template <typename Settings>
Result<Settings> settings_of(const google::protobuf::Any& any) {
  Settings settings;
  if (any.type_url().empty()) return bad_input("`settings` is missing");
  if (!any.UnpackTo(&settings)) return bad_input(fmt::format("`settings` hold `{}`, not what this type reads", any.type_url()));
  return settings;
}

/// A duration of the settings, or `otherwise` where it was not written.
inline Microseconds duration_of(const google::protobuf::Duration& written, Microseconds otherwise) {
  const Microseconds duration = std::chrono::seconds(written.seconds()) +
                                std::chrono::duration_cast<Microseconds>(std::chrono::nanoseconds(written.nanos()));
  return duration > Microseconds::zero() ? duration : otherwise;
}

}  // namespace tocsin
