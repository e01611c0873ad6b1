// tree.cpp: reading files, finding words and tables. No regular expressions: the questions are simple.
#include "tests/house/tree.h"

#include <fstream>
#include <sstream>

namespace tocsin::house {
namespace {

constexpr std::string_view kNotOurs[] = {".cache", ".git", "__pycache__", "build", "dist", "node_modules", "target"};

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

std::string SourceFile::folder() const {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}
std::string SourceFile::name() const { return path.substr(path.rfind('/') + 1); }
std::string SourceFile::stem() const { return name().substr(0, name().find('.')); }
std::string SourceFile::ending() const {
  const auto dot = name().rfind('.');
  return dot == std::string::npos || dot == 0 ? std::string() : name().substr(dot);
}
bool SourceFile::is_test() const {
  return path.starts_with("tests/") || stem().ends_with("_test") || (ending() == ".h" && stem().starts_with("test_"));
}
std::vector<std::string_view> SourceFile::lines() const {
  std::vector<std::string_view> out;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    out.push_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return out;
}

Tree::Tree(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const std::string name = at->path().filename().string();
    if (std::find(std::begin(kNotOurs), std::end(kNotOurs), name) != std::end(kNotOurs)) {
      if (at->is_directory()) at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file()) continue;
    std::ostringstream text;
    std::ifstream file(at->path(), std::ios::binary);
    text << file.rdbuf();
    files_.push_back({at->path().lexically_relative(root).generic_string(), text.str()});
  }
  std::sort(files_.begin(), files_.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
}

const SourceFile* Tree::find(std::string_view path) const {
  const auto at = std::find_if(files_.begin(), files_.end(), [&](const SourceFile& file) { return file.path == path; });
  return at == files_.end() ? nullptr : &*at;
}

bool Tree::has(std::string_view path) const {
  const std::string below = std::string(path) + (path.ends_with('/') ? "" : "/");
  return find(path) != nullptr || std::any_of(files_.begin(), files_.end(), [&](const SourceFile& file) { return file.path.starts_with(below); });
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word_character(text[at - 1])) && (end == text.size() || !is_word_character(text[end]))) return true;
  }
  return false;
}

std::vector<std::string> table_rows(std::string_view text, std::string_view array) {
  std::vector<std::string> rows;
  auto at = text.find(std::string(array) + "[] = {");
  if (at == std::string_view::npos) return rows;
  const auto end = text.find("\n};", at);
  at = text.find('{', at) + 1;
  for (int depth = 0; at < std::min(end, text.size()); ++at) {
    if (text[at] == '}') --depth;
    if (text[at] == '{' && ++depth == 1) {
      const auto open = text.find('"', at);
      const auto close = open == std::string_view::npos ? open : text.find('"', open + 1);
      if (close == std::string_view::npos || close > end) break;
      rows.emplace_back(text.substr(open + 1, close - open - 1));
      at = close;
      continue;
    }
    if (text[at] == '"' && depth > 0) {   // Another text of the row: braces in it mean nothing.
      for (++at; at < end && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    }
  }
  return rows;
}

}  // namespace tocsin::house
