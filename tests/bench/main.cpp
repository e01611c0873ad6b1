// main.cpp: tocsin_bench BENCH [--name value]…: one measurement a process; each prints one JSON line, or its own table.
#include "tests/bench/bench.h"

namespace tocsin::bench {
namespace {

constexpr Row kBenches[] = {
    {"correlate", "[--keys N]", correlate},
    {"decode", "--events FILE [--mapping NAME] [--rounds N]", decode},
    {"durable", "[--events N] [--folder DIR] [--rules PACK]", durable},
    {"load", "--rules DIR", load},
    {"match", "--rules DIR --events FILE [--routing off|logsource] [--mapping NAME] [--rounds N]", match},
};

int usage() {
  fmt::print(stderr, "usage:\n");
  for (const Row& row : kBenches) fmt::print(stderr, "  tocsin_bench {} {}\n", row.name, row.options);
  return 2;
}

int run(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) return usage();
  const Row* row = std::find_if(std::begin(kBenches), std::end(kBenches), [&](const Row& each) { return each.name == argv[1]; });
  if (row == std::end(kBenches)) return usage();
  std::map<std::string, std::string, std::less<>> values;
  for (int i = 2; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--") || row->options.find(name) == std::string_view::npos) return usage();
    values[std::string(name.substr(2))] = argv[i + 1];
  }
  return row->run(Options(std::move(values)));
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) { return tocsin::bench::run(argc, argv); }
