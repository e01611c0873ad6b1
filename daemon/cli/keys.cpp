// keys.cpp: reading and making the installation's keys.
#include "daemon/cli/keys.h"

#include <sys/stat.h>

#include <filesystem>

#include "daemon/base/file.h"
#include "daemon/base/hash.h"

namespace tocsin::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;

std::string path_of(const std::string& state_dir, std::string_view name) { return fmt::format("{}/keys/{}", state_dir, name); }

Result<Secret> read_key(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refused(fmt::format("{}: others may read this key; run chmod 600 {}", path, path));
  }
  TOCSIN_ASSIGN(std::string bytes, read_file(path, kKeyBytes));
  if (bytes.size() != kKeyBytes) return bad_input(fmt::format("{}: expected {} bytes, found {}", path, kKeyBytes, bytes.size()));
  return Secret(std::move(bytes));
}

}  // namespace

Result<Keys> read_keys(const std::string& state_dir) {
  Keys keys;
  TOCSIN_ASSIGN(keys.subject.bytes, read_key(path_of(state_dir, "subject.v1.key")));
  TOCSIN_ASSIGN(keys.seal, read_key(path_of(state_dir, "seal.key")));
  return keys;
}

Result<Keys> open_keys(const std::string& state_dir) {
  std::error_code error;
  const bool has_store = std::filesystem::exists(state_dir + "/tocsin.db", error);
  TOCSIN_TRY(make_folder(state_dir + "/keys"));
  for (const char* name : {"subject.v1.key", "seal.key"}) {
    const std::string path = path_of(state_dir, name);
    if (std::filesystem::exists(path, error)) continue;
    if (has_store) {
      return refused(fmt::format("{}: missing, but a store made with it is there; restore the key from a backup", path));
    }
    TOCSIN_TRY(write_file(path, random_bytes(kKeyBytes), 0600));
  }
  return read_keys(state_dir);
}

}  // namespace tocsin::cli
