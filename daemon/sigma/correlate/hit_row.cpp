// hit_row.cpp: numbers by their bytes, hits field by field.
#include "daemon/sigma/correlate/hit_row.h"

#include <algorithm>
#include <cstring>

namespace tocsin::sigma {

std::string bytes_of(windows::Int128 number) { return {reinterpret_cast<const char*>(&number), sizeof number}; }

windows::Int128 number_of_bytes(const std::string& bytes) {
  windows::Int128 out = 0;
  std::memcpy(&out, bytes.data(), std::min(bytes.size(), sizeof out));
  return out;
}

void write(const windows::Hit& hit, v1::FoldHit& out) {
  out.set_time(hit.time);
  out.set_event(hit.event);
  out.set_value(hit.value);
  if (hit.number != 0) out.set_number(bytes_of(hit.number));
  out.set_base(hit.base);
}

windows::Hit read(const v1::FoldHit& from) {
  return {.time = from.time(), .event = from.event(), .value = from.value(), .number = number_of_bytes(from.number()), .base = static_cast<std::uint8_t>(from.base())};
}

}  // namespace tocsin::sigma
