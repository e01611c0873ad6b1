// tree.h: the source tree as the house test reads it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::house {

struct SourceFile {
  std::string path;   ///< From the root, with slashes: daemon/base/hash.cpp
  std::string text;

  std::string folder() const;        ///< daemon/base
  std::string name() const;          ///< hash.cpp
  std::string stem() const;          ///< hash
  std::string ending() const;        ///< .cpp, or empty
  bool is_cpp() const { return ending() == ".cpp" || ending() == ".h"; }
  /// Tests, and what only tests include.
  bool is_test() const;
  std::vector<std::string_view> lines() const;
};

/// Every file below the root that people write: no build output, no version control. Sorted by path. A tree of tens of
/// megabytes is not a source tree, so everything is held in memory.
class Tree {
 public:
  explicit Tree(const std::filesystem::path& root);
  const std::vector<SourceFile>& files() const { return files_; }
  const SourceFile* find(std::string_view path) const;
  /// A file, or a folder with something in it.
  bool has(std::string_view path) const;

 private:
  std::vector<SourceFile> files_;
};

/// The word stands in the text with no letter, digit or underscore on either side.
bool has_word(std::string_view text, std::string_view word);

/// The first text of each row of `constexpr … array[] = {`, in the order of the file; nothing where there is no such array.
std::vector<std::string> table_rows(std::string_view text, std::string_view array);

}  // namespace tocsin::house
