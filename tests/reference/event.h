// event.h: what happened, as plainly as can be: names, values, a log source, a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tocsin::reference {

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, text };
  Kind kind = Kind::null;
  std::string text;                                     ///< A number's token, `true`, `false`, or the text.
  bool operator==(const Value&) const = default;
};

struct Event {
  std::map<std::string, std::vector<Value>> fields;     ///< No values: an empty list. Not there: absent.
  std::string product, category, service;
  std::string id;                                       ///< Two events of the same id and time are one.
  std::int64_t time = 0;                                ///< Microseconds since 1970, UTC.
};

}  // namespace tocsin::reference
