// rule_files.h: the files of a rule set as they were parsed, and a cache of them for the next load.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/hash.h"
#include "daemon/sigma/language/parse.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {

/// The files that these paths name, and the *.yml and *.yaml below their folders: sorted, each once. A path that is not there,
/// or a folder without a rule, is a fault.
std::vector<std::string> files_of(const std::vector<std::string>& paths, Faults& faults);

/// One file, parsed. Immutable, so that rule sets may share it.
struct ParsedFile {
  std::string path;
  std::vector<Document> documents;
  std::vector<std::string> faults;   ///< Of the file as a whole: not YAML, empty.
};

/// Keeps what was parsed, by the content of files, and the field table in whose slots it speaks. Not thread-safe.
///
/// A file whose size, inode and times are those of the last load is not even opened, unless it was written so shortly before
/// that a second change could have left the same times behind; then its bytes decide.
class RuleCache {
 public:
  RuleCache() { clear(); }

  /// The files, parsed; those that are no longer among them are forgotten. Faults of paths go to `faults`.
  std::vector<std::shared_ptr<const ParsedFile>> read(const std::vector<std::string>& paths, const RuleSettings& settings, Faults& faults);
  std::shared_ptr<const ParsedFile> parse(const yaml::File& file, const Placeholders& placeholders);

  FieldTable& fields() { return fields_; }
  /// Files that the last read() had to parse.
  std::size_t parsed() const { return parsed_; }

 private:
  struct Stamp {
    std::uint64_t device = 0, inode = 0, bytes = 0;
    std::int64_t modified = 0, changed = 0;    ///< Nanoseconds since 1970.
    bool settled = false;                      ///< The times were old enough to tell.
    bool operator==(const Stamp&) const = default;
  };
  struct Kept {
    Stamp stamp;
    Id128 content;
    std::shared_ptr<const ParsedFile> file;
  };

  void clear();
  Kept load(const std::string& path, const Kept* before, const Placeholders& placeholders);
  static Stamp stamp_of(const std::string& path);

  FieldTable fields_;
  Placeholders placeholders_;                  ///< Those that went into what is kept.
  std::size_t fields_at_first_ = 0;            ///< After the first load: a table that only grows begins anew at some point.
  std::map<std::string, Kept> kept_;
  std::size_t parsed_ = 0;
};

}  // namespace tocsin::sigma
