// veil.h: values that are shown never show a person's clear identifier.
#pragma once

#include <string>
#include <string_view>

#include "daemon/model/event.h"

namespace tocsin::sigma {

/// The value with each of the event's clear identifiers replaced by `subject:<ref>`: where it is the whole value, or stands
/// in it between separators, as in `GET /customers/C17`.
std::string veiled(std::string_view value, const Event& event);

}  // namespace tocsin::sigma
