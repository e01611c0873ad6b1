// hit_row.h: hits and exact numbers as a snapshot holds them.
#pragma once

#include <string>

#include "daemon/sigma/correlate/windows/window_rule.h"
#include "tocsin/v1/snapshot.pb.h"

namespace tocsin::sigma {

/// 128 bits, little-endian. No bytes are 0.
std::string bytes_of(windows::Int128 number);
windows::Int128 number_of_bytes(const std::string& bytes);

void write(const windows::Hit& hit, v1::FoldHit& out);
windows::Hit read(const v1::FoldHit& from);

}  // namespace tocsin::sigma
