// tokens.cpp: reading the token file; comparing hashes, so that the time taken tells nothing of a token.
#include "daemon/serve/tokens.h"

#include <sys/stat.h>

#include <fstream>

#include "daemon/base/hash.h"

namespace tocsin::serve {
namespace {

constexpr std::size_t kTokenLengthMin = 16;  // Shorter ones can be guessed over a loopback socket.

}  // namespace

Result<Tokens> Tokens::load(const std::string& path) {
  std::ifstream in(path);
  struct stat about {};
  if (!in || ::stat(path.c_str(), &about) != 0) return bad_input(fmt::format("token file {}: cannot be read", path));
  if ((about.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return refused(fmt::format("token file {}: readable by everybody; run chmod 600 {}", path, path));
  }
  Tokens tokens;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.rfind(':');
    if (colon == std::string::npos || colon == 0) {
      return bad_input(fmt::format("{}:{}:1: expected `principal:token`", path, number));
    }
    const std::string token = line.substr(colon + 1);
    if (token.size() < kTokenLengthMin) {
      return bad_input(fmt::format("{}:{}:{}: a token has at least {} characters", path, number, colon + 2, kTokenLengthMin));
    }
    if (!tokens.by_hash_.emplace(sha256_hex(token), line.substr(0, colon)).second) {
      return bad_input(fmt::format("{}:{}:{}: this token stands twice", path, number, colon + 2));
    }
  }
  return tokens;
}

std::optional<std::string> Tokens::principal(std::string_view authorization) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return std::nullopt;
  const auto at = by_hash_.find(sha256_hex(authorization.substr(kScheme.size())));
  if (at == by_hash_.end()) return std::nullopt;
  return at->second;
}

}  // namespace tocsin::serve
