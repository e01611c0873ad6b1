// scalar.h: leaves of a document read as numbers and times.
#pragma once

#include <optional>
#include <string_view>

#include "daemon/base/clock.h"
#include "daemon/ingest/document.h"

namespace tocsin::ingest {

inline bool is_leaf(NodeKind kind) { return kind != NodeKind::object && kind != NodeKind::array; }

/// Digits, at most 18, perhaps behind a minus.
bool is_integer(std::string_view text);
/// Of a text that is_integer takes.
std::int64_t integer_of(std::string_view text);
/// Protobuf's JSON writes 64-bit integers as texts, so a text of digits is an integer too.
bool holds_integer(const Node& node);
/// An integer that is not negative.
bool is_count(const Node& node);

/// `unit` as TimeRule names it; `zone` holds for texts without one. Nothing where it is no such time.
std::optional<Instant> time_of(const Node& node, std::string_view unit, const std::optional<Microseconds>& zone);

}  // namespace tocsin::ingest
