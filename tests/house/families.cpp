// families.cpp: each family has one table; each row has its file and its test, each file its row.
#include "tests/house/checks.h"

namespace tocsin::house {
namespace {

struct Family {
  std::string_view table;      ///< File with the array.
  std::string_view array;
  std::string_view file;       ///< Path of a row's file, with {} for the row; empty where one file holds all.
  std::string_view files;      ///< Folder and ending whose files must all have a row, as "folder *ending"; empty: mixed folder.
  std::string_view tests;      ///< Folders, comma separated, where a test must name the row.
};

constexpr Family kFamilies[] = {
    {"daemon/base/metrics.cpp", "kTable", "", "", "daemon,notifiers,tests"},
    {"daemon/cli/cli.cpp", "kVerbs", "daemon/cli/{}_verb.cpp", "_verb.cpp", "daemon/cli,tests/e2e"},
    {"daemon/ingest/dead_letter.cpp", "kReasons", "", "", "daemon/ingest,daemon/detect,rules/mappings,tests"},
    {"daemon/ingest/decoders/decoders.cpp", "kDecoders", "daemon/ingest/decoders/{}.cpp", "", "daemon/ingest,rules/mappings"},
    {"daemon/ingest/kafka_settings.cpp", "kClientProperties", "", "", ""},
    {"daemon/sigma/authoring/lint.cpp", "kChecks", "", "", "daemon/sigma"},
    {"daemon/sigma/correlate/types.cpp", "kTypes", "", "", "daemon/sigma"},
    {"daemon/sigma/language/modifiers.cpp", "kModifiers", "", "", "daemon/sigma,tests/e2e"},
    {"notifiers/notifiers.cpp", "kRows", "notifiers/{}.cpp", "", "notifiers"},
};

bool in_one_of(std::string_view path, std::string_view folders) {
  for (std::string_view rest = folders; !rest.empty();) {
    const auto comma = rest.find(',');
    if (path.starts_with(std::string(rest.substr(0, comma)) + "/")) return true;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return false;
}

std::string filled(std::string_view pattern, std::string_view row) {
  std::string out(pattern);
  out.replace(out.find("{}"), 2, row);
  return out;
}

bool tested(const Tree& tree, const Family& family, std::string_view row) {
  return std::any_of(tree.files().begin(), tree.files().end(), [&](const SourceFile& file) {
    const bool cases = file.ending() == ".yml" || file.is_test();
    return cases && in_one_of(file.path, family.tests) && has_word(file.text, row);
  });
}

}  // namespace

Findings table_rows_have_file_and_test(const Tree& tree) {
  Findings findings;
  for (const Family& family : kFamilies) {
    const SourceFile* table = tree.find(family.table);
    if (table == nullptr) continue;   // A small tree has few families.
    const auto rows = table_rows(table->text, family.array);
    if (rows.empty()) findings.push_back(fmt::format("{}: the table {} is not there or has no rows", family.table, family.array));
    for (const std::string& row : rows) {
      if (!family.file.empty() && tree.find(filled(family.file, row)) == nullptr)
        findings.push_back(fmt::format("{}: row `{}` has no file {}", family.table, row, filled(family.file, row)));
      if (!family.tests.empty() && !tested(tree, family, row))
        findings.push_back(fmt::format("{}: row `{}` is named by no test below {}", family.table, row, family.tests));
    }
    if (family.files.empty()) continue;
    for (const SourceFile& file : tree.files()) {
      if (file.folder() != table->folder() || !file.name().ends_with(family.files)) continue;
      const std::string row = file.name().substr(0, file.name().size() - family.files.size());
      if (std::find(rows.begin(), rows.end(), row) == rows.end())
        findings.push_back(fmt::format("{}: has no row in {}", file.path, family.table));
    }
  }
  return findings;
}

Findings tables_are_sorted(const Tree& tree) {
  Findings findings;
  for (const Family& family : kFamilies) {
    const SourceFile* table = tree.find(family.table);
    if (table == nullptr) continue;
    const auto rows = table_rows(table->text, family.array);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i] == rows[i - 1]) findings.push_back(fmt::format("{}: row `{}` stands twice", family.table, rows[i]));
      if (rows[i] < rows[i - 1]) findings.push_back(fmt::format("{}: row `{}` must stand before `{}`", family.table, rows[i], rows[i - 1]));
    }
  }
  return findings;
}

Findings limits_are_hit_in_tests(const Tree& tree) {
  Findings findings;
  const SourceFile* limits = tree.find("daemon/base/limits.h");
  if (limits == nullptr) return findings;
  for (std::string_view line : limits->lines()) {
    if (!line.starts_with("inline constexpr ")) continue;
    if (line.find("///<") == std::string_view::npos) findings.push_back(fmt::format("daemon/base/limits.h: no reason: {}", line));
    const auto name_at = line.find(" k");
    const auto name = line.substr(name_at + 1, line.find_first_of(" {=", name_at + 1) - name_at - 1);
    const bool hit = std::any_of(tree.files().begin(), tree.files().end(), [&](const SourceFile& file) {
      return file.is_test() && !file.path.starts_with("tests/house/") && has_word(file.text, name);
    });
    if (!hit) findings.push_back(fmt::format("daemon/base/limits.h: {} is hit in no test", name));
  }
  return findings;
}

Findings conformance_is_tested(const Tree& tree) {
  Findings findings;
  const SourceFile* readme = tree.find("rules/README.md");
  const SourceFile* modifiers = tree.find("daemon/sigma/language/modifiers.cpp");
  if (readme == nullptr || modifiers == nullptr) return findings;
  std::size_t number = 0;
  for (std::string_view line : readme->lines()) {
    ++number;
    // The last cell of such a row: `x_test.cpp` Suite.name, Suite.name; `y_test.cpp` …
    const auto file_at = line.starts_with("|") ? line.find("_test.cpp`") : std::string_view::npos;
    if (file_at == std::string_view::npos) continue;
    std::string_view cell = line.substr(0, line.rfind('|'));
    cell.remove_prefix(cell.rfind('|') + 1);
    std::vector<const SourceFile*> tests;   // Of that name; several folders may have one.
    std::size_t named = 0;
    for (std::string_view rest = cell; !rest.empty();) {
      const auto end = std::min(rest.find_first_of(" ,;"), rest.size());
      std::string_view word = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (word.starts_with('`')) {
        const std::string name(word.substr(1, word.size() - 2));
        tests.clear();
        for (const SourceFile& each : tree.files()) {
          if (each.path.starts_with("daemon/sigma/") && each.name() == name) tests.push_back(&each);
        }
        if (tests.empty()) findings.push_back(fmt::format("rules/README.md:{}: no test file `{}` below daemon/sigma", number, name));
      } else if (const auto dot = word.find('.'); dot != std::string_view::npos && !tests.empty()) {
        ++named;
        const std::string written = fmt::format("({}, {})", word.substr(0, dot), word.substr(dot + 1));
        const bool found = std::any_of(tests.begin(), tests.end(), [&](const SourceFile* each) { return each->text.find(written) != std::string::npos; });
        if (!found) findings.push_back(fmt::format("rules/README.md:{}: {} has no test {}", number, tests.front()->path, word));
      }
    }
    if (!tests.empty() && named == 0) findings.push_back(fmt::format("rules/README.md:{}: names a file, but no test of it", number));
  }
  for (const std::string& row : table_rows(modifiers->text, "kModifiers")) {
    if (!has_word(readme->text, row)) findings.push_back(fmt::format("rules/README.md: says nothing of the modifier `{}`", row));
  }
  return findings;
}

Findings rules_carry_their_tests(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    if (file.ending() != ".yml") continue;
    const auto needs = [&](std::string_view what, std::string_view why) {
      if (file.text.find(what) == std::string::npos) findings.push_back(fmt::format("{}: {}", file.path, why));
    };
    if (file.path.starts_with("rules/detections/")) {
      needs("\n  tests:", "has no `tests:` in its `tocsin:` map");
      needs("expect: {alerts: 1", "no test of it fires");
      needs("expect: {alerts: 0}", "no test of it stays quiet");
      needs("\n  title_zh:", "has no Chinese title");
    } else if (file.path.starts_with("rules/mappings/")) {
      needs("\nname: " + file.stem() + "\n", "its name is not that of the file");
      needs("\nsamples:", "has no samples");
    } else if (file.path.starts_with("rules/jurisdictions/")) {
      needs("\nid: " + file.stem() + "\n", "its id is not the name of the file");
      const bool tested = std::any_of(tree.files().begin(), tree.files().end(), [&](const SourceFile& test) {
        return test.is_test() && test.path.starts_with("daemon/law/") && test.text.find('"' + file.stem()) != std::string::npos;
      });
      if (!tested) findings.push_back(file.path + ": no test below daemon/law names it");
    }
  }
  return findings;
}

}  // namespace tocsin::house
