// arrows.cpp: who may include whom, and which library may be used where.
#include <fmt/ranges.h>

#include "tests/house/checks.h"

namespace tocsin::house {
namespace {

struct Floor {
  std::string_view folder;
  int height;
};

// Arrows point down: a folder includes only lower floors, never a neighbour of its own.
constexpr Floor kFloors[] = {
    {"daemon/base", 1},     {"daemon/casebook", 4}, {"daemon/cli", 7},    {"daemon/courier", 5}, {"daemon/detect", 5}, {"daemon/ingest", 3},
    {"daemon/law", 3},      {"daemon/log", 3},      {"daemon/model", 2},  {"daemon/report", 5},  {"daemon/serve", 6},  {"daemon/sigma", 3},
    {"daemon/store", 3},    {"notifiers", 3},
};

struct Library {
  std::string_view prefix;                  ///< Of the header's path.
  std::vector<std::string_view> folders;    ///< Where it may be included.
};

// Vocabulary, everywhere: the standard library, fmt, tl::expected, abseil's containers, protobuf's types.
constexpr std::string_view kVocabulary[] = {"absl/", "fmt/", "google/protobuf/", "tl/"};
constexpr std::string_view kOfTests[] = {"gmock/", "gtest/"};

const std::vector<Library>& libraries() {
  static const std::vector<Library> table = {
      {"CLI/", {"daemon/cli"}},
      {"boost/asio", {"daemon/serve"}},
      {"boost/beast", {"daemon/serve"}},
      {"boost/crc.hpp", {"daemon/log"}},
      {"cairo", {"daemon/report"}},
      {"curl/", {"notifiers"}},
      {"emmintrin.h", {"daemon/sigma/engine"}},
      {"fontconfig/", {"daemon/report"}},
      {"gmime/", {"notifiers"}},
      {"grpc/", {"daemon/serve"}},
      {"grpcpp/", {"daemon/cli", "daemon/serve"}},
      {"hs/", {"daemon/sigma"}},
      {"kainjow/", {"notifiers"}},
      {"librdkafka/", {"daemon/ingest", "daemon/log"}},
      {"openssl/", {"daemon/serve", "notifiers"}},
      {"pango/", {"daemon/report"}},
      {"phonenumbers/", {"daemon/model"}},
      {"prometheus/", {"daemon/base"}},
      {"qpdf/", {"daemon/report"}},
      {"re2/", {"daemon/sigma"}},
      {"simdjson.h", {"daemon/ingest"}},
      {"sodium.h", {"daemon/base"}},
      {"spdlog/", {"daemon/base"}},
      {"sqlite3.h", {"daemon/store"}},
      {"unicode/", {"daemon/law", "daemon/model", "daemon/report", "notifiers"}},
      {"yaml.h", {"daemon/base"}},
  };
  return table;
}

// The kernel's and the C library's headers that have a dot.
constexpr std::string_view kSystem[] = {"arpa/", "dirent.h", "fcntl.h", "grp.h", "linux/", "malloc.h", "netdb.h", "netinet/", "poll.h", "pwd.h", "signal.h", "spawn.h", "stdlib.h", "sys/", "termios.h", "time.h", "unistd.h"};

template <typename Prefixes>
bool starts_with_one(std::string_view text, const Prefixes& prefixes) {
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](std::string_view prefix) { return text.starts_with(prefix); });
}

const Floor* floor_of(std::string_view path) {
  const Floor* best = nullptr;
  for (const Floor& floor : kFloors)
    if (path.starts_with(std::string(floor.folder) + "/")) best = &floor;
  return best;
}

struct Include {
  std::string_view target;
  bool angled = false;
  std::size_t line = 0;
};

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> out;
  std::size_t number = 0;
  for (std::string_view line : file.lines()) {
    ++number;
    if (!line.starts_with("#include ")) continue;
    line.remove_prefix(9);
    const char close = line.starts_with('<') ? '>' : '"';
    const auto end = line.find(close, 1);
    if (end != std::string_view::npos) out.push_back({line.substr(1, end - 1), close == '>', number});
  }
  return out;
}

}  // namespace

Findings includes_point_down(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    if (!file.is_cpp() || file.path.starts_with("tests/")) continue;
    const Floor* own = floor_of(file.path);
    if (own == nullptr && file.path != "daemon/main.cpp") {
      findings.push_back(file.path + ": stands on no floor of tests/house/arrows.cpp");
      continue;
    }
    for (const Include& include : includes_of(file)) {
      const auto say = [&](std::string_view what) {
        findings.push_back(fmt::format("{}:{}: includes {}, {}", file.path, include.line, include.target, what));
      };
      if (include.angled) continue;
      if (include.target.starts_with("tests/")) {
        if (!file.is_test()) say("which only tests may");
      } else if (include.target.ends_with(".grpc.pb.h")) {
        if (own == nullptr || own->height < 6) say("but only serve and cli speak gRPC");
      } else if (include.target.starts_with("daemon/") || include.target.starts_with("notifiers/")) {
        const Floor* other = floor_of(include.target);
        if (own == nullptr) {
          if (other == nullptr || other->folder != "daemon/cli") say("but main knows only the verbs");
        } else if (other == nullptr) {
          say("which stands on no floor");
        } else if (other != own && other->height > own->height) {
          say(fmt::format("which is above it (floor {} → {})", own->height, other->height));
        } else if (other != own && other->height == own->height) {
          say(fmt::format("its neighbour on floor {}", own->height));
        }
      } else if (!include.target.starts_with("tocsin/")) {
        say("which is not written from the root");
      }
    }
  }
  return findings;
}

Findings libraries_stay_in_their_folders(const Tree& tree) {
  Findings findings;
  for (const SourceFile& file : tree.files()) {
    if (!file.is_cpp()) continue;
    for (const Include& include : includes_of(file)) {
      if (!include.angled || include.target.find_first_of("./") == std::string_view::npos) continue;
      if (starts_with_one(include.target, kVocabulary) || starts_with_one(include.target, kSystem)) continue;
      const auto say = [&](std::string_view what) {
        findings.push_back(fmt::format("{}:{}: <{}> {}", file.path, include.line, include.target, what));
      };
      if (starts_with_one(include.target, kOfTests)) {
        if (!file.is_test()) say("is for tests");
        continue;
      }
      const auto& table = libraries();
      const auto library = std::find_if(table.begin(), table.end(), [&](const Library& each) { return include.target.starts_with(each.prefix); });
      if (library == table.end()) {
        say("has no row in tests/house/arrows.cpp");
      } else if (!file.path.starts_with("tests/") && std::none_of(library->folders.begin(), library->folders.end(), [&](std::string_view folder) { return file.path.starts_with(std::string(folder) + "/"); })) {
        say(fmt::format("belongs to {}", fmt::join(library->folders.begin(), library->folders.end(), ", ")));
      }
    }
  }
  return findings;
}

}  // namespace tocsin::house
