// words.cpp: names, notes, first lines, README files: what people read.
#include <set>

#include "tests/house/checks.h"

namespace tocsin::house {
namespace {

constexpr std::string_view kBanned[] = {"Manager", "Helper", "Utils", "Common", "Impl", "Info", "Data", "Handler"};
constexpr std::string_view kNotes[] = {"TODO", "FIXME", "XXX"};
constexpr std::string_view kTop[] = {".ci", ".clang-format", ".clang-tidy", ".github", ".gitignore", "CMakeLists.txt", "CMakePresets.json", "LICENSE",
                                     "README.md", "README.zh-CN.md", "daemon", "dev", "helm", "notifiers", "proto", "rules", "tests"};

// The house names what it bans.
bool speaks_of_words(const SourceFile& file) { return file.path.starts_with("tests/house/"); }

std::string lower(std::string_view word) {
  std::string out(word);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// A banned word that is one of the humps of a CamelCase name, or nothing.
std::string_view banned_hump(std::string_view name) {
  for (std::string_view word : kBanned) {
    const auto at = name.find(word);
    if (at == std::string_view::npos) continue;
    const auto end = at + word.size();
    if (end == name.size() || std::islower(static_cast<unsigned char>(name[end])) == 0) return word;
  }
  return {};
}

/// … or a part of a snake_case file name.
std::string_view banned_part(std::string_view stem) {
  for (std::string_view word : kBanned)
    if (("_" + std::string(stem) + "_").find("_" + lower(word) + "_") != std::string::npos) return word;
  return {};
}

/// The name that a line declares as a type or namespace, or nothing.
std::string_view declared(std::string_view line) {
  for (std::string_view keyword : {"enum class ", "class ", "struct ", "namespace ", "using "}) {
    const auto start = line.find_first_not_of(' ');
    if (start == std::string_view::npos || !line.substr(start).starts_with(keyword)) continue;
    line.remove_prefix(start + keyword.size());
    return line.substr(0, line.find_first_of(" ;:{=<"));
  }
  return {};
}

std::size_t words_in(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool letter = c != ' ';
    count += letter && !inside;
    inside = letter;
  }
  return count;
}

/// The line that says what the file is, without its comment mark; nothing where this kind of file needs none.
std::optional<std::string_view> first_line(const SourceFile& file) {
  const auto lines = file.lines();
  if (lines.empty()) return std::nullopt;
  const std::size_t shebang = lines.front().starts_with("#!") ? 1 : 0;
  std::string_view line = shebang < lines.size() ? lines[shebang] : std::string_view();
  const std::string ending = file.ending();
  std::string_view mark;
  if (file.is_cpp() || ending == ".proto") mark = "// ";
  else if (ending == ".py" || (shebang == 1 && lines.front().find("python") != std::string_view::npos)) mark = "\"\"\"";
  else if (ending == ".sh" || shebang == 1) mark = "# ";
  else return std::nullopt;
  return line.starts_with(mark) ? line.substr(mark.size()) : std::string_view();
}

/// Words in backquotes that look like a path of the tree.
std::vector<std::string_view> quoted_paths(std::string_view text) {
  std::vector<std::string_view> out;
  for (auto at = text.find('`'); at != std::string_view::npos; at = text.find('`', at + 1)) {
    const auto end = text.find_first_of("`\n", at + 1);
    if (end == std::string_view::npos) break;
    const auto word = text.substr(at + 1, end - at - 1);
    at = end;
    const bool path = word.find('/') != std::string_view::npos && word.find_first_of(" *<>$~{}()|=:…,") == std::string_view::npos && word.front() != '/' && word.front() != '.';
    if (word.starts_with("DIR/")) continue;   // A folder that the reader chooses.
    const auto last = word.substr(word.rfind('/') + 1);
    if (path && (last.empty() || last.find('.') != std::string_view::npos)) out.push_back(word);
  }
  return out;
}

}  // namespace

Findings first_lines_say_what_a_file_is(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    const auto line = first_line(file);
    if (!line) continue;
    const bool named = line->starts_with(file.name() + ":") || line->starts_with(file.name() + " ");
    if (!named || words_in(line->substr(std::min(line->size(), file.name().size()))) < 3)
      findings.push_back(fmt::format("{}:1: must say `{}: what it is`", file.path, file.name()));
  }
  return findings;
}

Findings names_and_notes_are_clean(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    if (speaks_of_words(file)) continue;
    if (const auto word = banned_part(file.stem()); !word.empty()) findings.push_back(fmt::format("{}: `{}` says nothing in a name", file.path, word));
    std::size_t number = 0;
    for (std::string_view line : file.lines()) {
      ++number;
      for (std::string_view note : kNotes)
        if (has_word(line, note)) findings.push_back(fmt::format("{}:{}: {} belongs into an issue or a test", file.path, number, note));
      if (!file.is_cpp() && file.ending() != ".proto") continue;
      if (const auto word = banned_hump(declared(line)); !word.empty())
        findings.push_back(fmt::format("{}:{}: `{}` says nothing in the name {}", file.path, number, word, declared(line)));
    }
  }
  return findings;
}

Findings nothing_is_empty(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files())
    if (file.text.find_first_not_of(" \t\r\n") == std::string::npos) findings.push_back(file.path + ": is empty");
  return findings;
}

Findings readmes_are_true(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    if (file.ending() != ".md") continue;
    for (std::string_view path : quoted_paths(file.text)) {
      const std::string beside = file.folder().empty() ? std::string(path) : file.folder() + "/" + std::string(path);
      if (!tree.has(path) && !tree.has(beside)) findings.push_back(fmt::format("{}: there is no `{}`", file.path, path));
    }
  }
  const SourceFile* readme = tree.find("README.md");
  if (readme == nullptr) return findings;
  std::set<std::string> folders;
  for (const SourceFile& file : tree.files())
    if (const auto slash = file.path.find('/'); slash != std::string::npos && file.path.front() != '.') folders.insert(file.path.substr(0, slash));
  for (const std::string& folder : folders)
    if (readme->text.find("| `" + folder + "/` |") == std::string::npos) findings.push_back(fmt::format("README.md: the table of folders leaves out `{}/`", folder));
  return findings;
}

Findings top_level_is_fixed(const Tree& tree) {
  std::set<std::string> seen;
  for (const SourceFile& file : tree.files()) seen.insert(file.path.substr(0, file.path.find('/')));
  Findings findings;
  for (const std::string& entry : seen)
    if (std::find(std::begin(kTop), std::end(kTop), entry) == std::end(kTop)) findings.push_back(entry + ": is not one of the entries at the top");
  return findings;
}

}  // namespace tocsin::house
