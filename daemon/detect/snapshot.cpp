// snapshot.cpp: writing a snapshot so that a crash leaves the old one or the new one, and reading it as if an enemy wrote it.
#include "daemon/detect/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>

#include "daemon/base/failpoint.h"
#include "daemon/base/hash.h"

namespace tocsin::detect {
namespace {

constexpr std::string_view kMagic = "TOCSNAP1";
constexpr std::string_view kSuffix = ".snap";

std::string context_of(LogOffset offset) { return fmt::format("tocsin snapshot {}", offset); }

}  // namespace

Snapshots::Snapshots(std::string folder, Secret key, log::Disk disk) : folder_(std::move(folder)), key_(std::move(key)), disk_(std::move(disk)) {}

std::string Snapshots::path_of(LogOffset offset) const { return fmt::format("{}/{:020}{}", folder_, offset, kSuffix); }

Result<SavedSnapshot> Snapshots::save(const v1::Checkpoint& checkpoint) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return log::disk_failure("creating", folder_, errno);
  std::string clear;
  if (!checkpoint.SerializeToString(&clear)) return unavailable("the state of the correlations is over 2 GiB: no snapshot can be written");
  const std::string bytes = std::string(kMagic) + seal(key_, context_of(checkpoint.log_offset()), clear);
  const std::string path = path_of(checkpoint.log_offset());
  const std::string beside = path + ".tmp";
  {
    TOCSIN_ASSIGN(const log::Descriptor file, log::open_file(beside, O_WRONLY | O_CREAT | O_TRUNC));
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const ssize_t put = disk_.write(file.get(), rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return log::disk_failure("writing the snapshot", beside, errno);
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    failpoint("snapshot_written");
    if (disk_.sync(file.get()) != 0) return log::disk_failure("syncing the snapshot", beside, errno);
  }
  failpoint("snapshot_synced");
  if (::rename(beside.c_str(), path.c_str()) != 0) return log::disk_failure("renaming the snapshot", beside, errno);
  failpoint("snapshot_renamed");
  TOCSIN_TRY(log::sync_folder(disk_, folder_));
  return SavedSnapshot{std::filesystem::path(path).filename().string(), fingerprint(bytes)};
}

Result<std::vector<LogOffset>> Snapshots::offsets() const {
  std::vector<LogOffset> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    LogOffset offset = 0;
    const auto [stop, fault] = std::from_chars(name.data(), name.data() + name.size(), offset);
    if (fault == std::errc() && std::string_view(stop, name.data() + name.size()) == kSuffix) found.push_back(offset);
  }
  if (error && error.value() != ENOENT) return log::disk_failure("listing", folder_, error.value());
  std::sort(found.begin(), found.end(), std::greater<>());
  return found;
}

Result<v1::Checkpoint> Snapshots::load(LogOffset offset) const {
  TOCSIN_ASSIGN(const std::string bytes, log::read_whole(disk_, path_of(offset)));
  if (!bytes.starts_with(kMagic)) return bad_input("it is no snapshot of a version that this program knows");
  TOCSIN_ASSIGN(const std::string clear, unseal(key_, context_of(offset), std::string_view(bytes).substr(kMagic.size())));
  v1::Checkpoint checkpoint;
  if (!checkpoint.ParseFromString(clear)) return bad_input("its body does not parse");
  return checkpoint;
}

Result<FoundSnapshot> Snapshots::find(const SnapshotWanted& wanted) const {
  FoundSnapshot found;
  TOCSIN_ASSIGN(const std::vector<LogOffset> all, offsets());
  for (const LogOffset offset : all) {
    const auto skip = [&](std::string_view why) { found.unusable.push_back(fmt::format("{}: {}", path_of(offset), why)); };
    if (offset > wanted.committed) {
      skip(fmt::format("it is newer than the store, which stands at {}", wanted.committed));
      continue;
    }
    if (offset < wanted.begin) {
      skip(fmt::format("the match log begins only at {}", wanted.begin));
      continue;
    }
    Result<v1::Checkpoint> checkpoint = load(offset);
    if (!checkpoint) {
      skip(checkpoint.error().text);
    } else if (checkpoint->log_offset() != offset || checkpoint->log_id() != wanted.log_id) {
      skip("it belongs to another match log");
    } else if (checkpoint->tenant() != wanted.tenant) {
      skip("it belongs to another tenant");
    } else {
      found.newest = std::move(*checkpoint);
      return found;
    }
  }
  return found;
}

Result<LogOffset> Snapshots::keep_two() const {
  TOCSIN_ASSIGN(const std::vector<LogOffset> all, offsets());
  for (std::size_t i = 2; i < all.size(); ++i) {
    if (::unlink(path_of(all[i]).c_str()) != 0) return log::disk_failure("removing", path_of(all[i]), errno);
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() == ".tmp") ::unlink(entry.path().c_str());
  }
  return all.size() < 2 ? 0 : all[1];
}

}  // namespace tocsin::detect
