// yaml.h: YAML with marks. Every node knows its line and column, so every error can point at it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::yaml {

/// A place in a file, both counted from 1; columns count characters, not bytes.
struct Mark {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

struct Entry;

/// One value. Scalars keep the text as written (after quotes and escapes); their type is the reader's business.
struct Node {
  enum class Kind : std::uint8_t { scalar, list, map };
  Kind kind = Kind::scalar;
  Mark mark;
  std::string text;                             ///< Of a scalar.
  bool quoted = false;                          ///< `"1"`, `'1'`, `|` and `>` are text, never numbers or null.
  std::vector<Node> items;                      ///< Of a list.
  std::vector<Entry> entries;                   ///< Of a map: scalar keys, file order, no duplicates.

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  bool is_null() const;                         ///< Unquoted empty, `~`, `null`.
  const Node* find(std::string_view key) const; ///< Of a map, or nullptr.
};

/// One key of a map and what stands behind it.
struct Entry {
  Node key;
  Node value;
};

/// One file: its documents and its text, kept for carets.
struct File {
  std::string path;
  std::string text;
  std::vector<Node> documents;
  std::vector<std::size_t> lines = {};          ///< Where each begins in the text.
};

/// Syntax faults, duplicate keys, non-scalar keys, and files over limits.h's YAML bounds (aliases count as what they
/// expand to) are bad_input with `path:line:col` and a caret.
Result<File> parse(std::string path, std::string text);
Result<File> load(const std::string& path);

/// The same as JSON. Unquoted decimal numbers, true, false and null are what they are in JSON; everything else is a text.
std::string json_of(const Node& node);

/// The error text at a mark:
///   rules/x.yml:14:12: unknown modifier `contain`
///     14 |     user|contain: admin
///        |          ^^^^^^^ did you mean `contains`?
/// `width` is the number of characters underlined; `hint` may be empty.
std::string caret(const File& file, Mark mark, std::size_t width, std::string_view message, std::string_view hint = {});
Failure fault(const File& file, const Node& at, std::string_view message, std::string_view hint = {});

/// A place that outlives its file, for faults that show only once all files are read.
struct Place {
  Mark mark;
  std::size_t width = 1;                        ///< Characters to underline.
  std::string line;                             ///< What is shown of that line.
  std::size_t before = 0;                       ///< Characters of it before the mark.
};
Place place_of(const File& file, const Node& at);
std::string caret(std::string_view path, const Place& place, std::string_view message, std::string_view hint = {});

/// The nearest of `known` within an edit distance of a third of the word, as "did you mean `x`?", or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace tocsin::yaml
