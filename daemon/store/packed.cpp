// packed.cpp: length-prefixed texts.
#include "daemon/store/packed.h"

#include <charconv>

namespace tocsin::store {

std::string pack(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out += std::to_string(part.size());
    out += ':';
    out += part;
  }
  return out;
}

Result<std::vector<std::string>> unpack(std::string_view in, std::size_t parts) {
  std::vector<std::string> out;
  while (!in.empty()) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(in.data(), in.data() + in.size(), length);
    const auto head = static_cast<std::size_t>(end - in.data());
    if (error != std::errc() || head >= in.size() || in[head] != ':' || in.size() - head - 1 < length) return bad_input("a packed text is damaged");
    out.emplace_back(in.substr(head + 1, length));
    in.remove_prefix(head + 1 + length);
  }
  if (out.size() != parts) return bad_input(fmt::format("a packed text has {} parts instead of {}", out.size(), parts));
  return out;
}

}  // namespace tocsin::store
