// rule_files.cpp: finding rule files, parsing them one by one, and knowing which have not changed.
#include "daemon/sigma/rule_files.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "daemon/sigma/language/collection.h"

namespace tocsin::sigma {
namespace {

bool is_yaml(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }

std::int64_t nanoseconds(const timespec& at) { return at.tv_sec * 1'000'000'000 + at.tv_nsec; }

}  // namespace

std::vector<std::string> files_of(const std::vector<std::string>& paths, Faults& faults) {
  namespace fs = std::filesystem;
  std::set<std::string> out;  // Sorted, and a file named twice is read once.
  for (const std::string& path : paths) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      if (fs::exists(path, code)) out.insert(fs::path(path).lexically_normal().string());
      else faults.add_text(fmt::format("{}: no such file or folder", path));
      continue;
    }
    const std::size_t before = out.size();
    const std::string folder = fs::path(path).lexically_normal().string();
    for (auto it = fs::recursive_directory_iterator(folder, code); !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
      if (is_yaml(it->path().native()) && it->is_regular_file(code)) out.insert(it->path().native());
    }
    if (code) faults.add_text(fmt::format("{}: {}", path, code.message()));
    else if (out.size() == before) faults.add_text(fmt::format("{}: no rule (*.yml, *.yaml) in this folder", path));
  }
  return {out.begin(), out.end()};
}

void RuleCache::clear() {
  kept_.clear();
  fields_ = FieldTable();
  const auto subject_slot = fields_.intern(kSubjectField);
  TOCSIN_ASSERT(subject_slot == kSubjectSlot);
  fields_at_first_ = 0;
}

RuleCache::Stamp RuleCache::stamp_of(const std::string& path) {
  // A second write within one tick of the file system's clock leaves the same times; ticks are far below two seconds.
  constexpr std::int64_t kTick = 2'000'000'000;
  struct stat state {};
  timespec now{};
  if (::stat(path.c_str(), &state) != 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0) return {};
  Stamp out{state.st_dev, state.st_ino, static_cast<std::uint64_t>(state.st_size), nanoseconds(state.st_mtim), nanoseconds(state.st_ctim), false};
  out.settled = nanoseconds(now) - std::max(out.modified, out.changed) > kTick;
  return out;
}

std::shared_ptr<const ParsedFile> RuleCache::parse(const yaml::File& file, const Placeholders& placeholders) {
  auto out = std::make_shared<ParsedFile>();
  out->path = file.path;
  const bool nothing = std::all_of(file.documents.begin(), file.documents.end(), [](const yaml::Node& each) { return each.is_null(); });
  if (nothing) out->faults.push_back(fmt::format("{}:1:1: the file is empty", file.path));
  Collection collection(file);
  PatternBudget budget;
  for (const yaml::Node& document : file.documents) {
    if (document.is_null()) continue;   // Nothing stands behind the last `---`.
    Faults faults;
    if (const yaml::Node* rule = collection.next(document, faults)) {
      out->documents.push_back(parse_document({&file, rule}, fields_, placeholders, budget));
    } else if (!faults.empty()) {
      Document& refused = out->documents.emplace_back();
      refused.line = document.mark.line;
      refused.faults = faults.take();
    }
  }
  return out;
}

RuleCache::Kept RuleCache::load(const std::string& path, const Kept* before, const Placeholders& placeholders) {
  Kept out{stamp_of(path), {}, nullptr};
  if (before != nullptr && out.stamp.settled && out.stamp == before->stamp) return *before;
  auto text = read_file(path, limits::kYamlBytesMax);
  if (text) out.content = identity({*text});
  if (before != nullptr && text && out.content == before->content) {
    out.file = before->file;
    return out;
  }
  ++parsed_;
  auto file = text ? yaml::parse(path, std::move(*text)) : Result<yaml::File>(Failure(text.error()));
  if (file) {
    out.file = parse(*file, placeholders);
  } else {
    auto unread = std::make_shared<ParsedFile>();
    unread->path = path;
    unread->faults.push_back(file.error().text);
    out.file = std::move(unread);
  }
  return out;
}

std::vector<std::shared_ptr<const ParsedFile>> RuleCache::read(const std::vector<std::string>& paths, const RuleSettings& settings, Faults& faults) {
  parsed_ = 0;
  if (placeholders_ != settings.placeholders) {
    clear();
    placeholders_ = settings.placeholders;
  }
  // Names of fields that no rule asks for any more stay in the table, since slots must not move. Let it not grow for ever.
  if (fields_at_first_ != 0 && fields_.size() > 2 * fields_at_first_ + 1'000) clear();
  std::vector<std::shared_ptr<const ParsedFile>> out;
  std::map<std::string, Kept> kept;
  for (const std::string& path : files_of(paths, faults)) {
    const auto before = kept_.find(path);
    Kept file = load(path, before == kept_.end() ? nullptr : &before->second, placeholders_);
    out.push_back(file.file);
    kept.emplace_hint(kept.end(), path, std::move(file));
  }
  kept_ = std::move(kept);
  if (fields_at_first_ == 0) fields_at_first_ = fields_.size();
  return out;
}

}  // namespace tocsin::sigma
