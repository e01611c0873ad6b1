// bench.h: what the benchmarks share: their options, a stopwatch, memory, and the table that main() looks in.
#pragma once

#include <chrono>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::bench {

/// `--name value` pairs.
class Options {
 public:
  explicit Options(std::map<std::string, std::string, std::less<>> values) : values_(std::move(values)) {}

  std::string text(std::string_view name, std::string fallback) const {
    const auto at = values_.find(name);
    return at == values_.end() ? std::move(fallback) : at->second;
  }
  std::int64_t number(std::string_view name, std::int64_t fallback) const {
    const auto at = values_.find(name);
    return at == values_.end() ? fallback : std::strtoll(at->second.c_str(), nullptr, 10);
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

using Bench = int(const Options& options);

Bench correlate;   ///< The windows under correlations, by type, at 1,000, 100,000 … groups, bytes per live group: --keys N at most. 10 M take minutes and 2 GB.
Bench decode;    ///< A file of events into nodes and slots, step by step, beside simdjson's bare parse: --events FILE, --mapping NAME.
Bench durable;   ///< The detect plane with fsync, fold and store: --events N, --folder DIR, --rules PACK.
Bench load;      ///< Reading and compiling rules, and reloading them after one file has changed: --rules DIR.
Bench match;     ///< A file of events through decoder and engine: --rules DIR, --events FILE, --routing off|logsource, --mapping NAME.

struct Row {
  std::string_view name, options;
  Bench* run;
};

/// Wall time, and the processor time that no neighbour on the machine can stretch. Seconds.
struct Cost {
  double wall = 0, cpu = 0;
};

class Stopwatch {
 public:
  void start() { wall_ = std::chrono::steady_clock::now(), cpu_ = std::clock(); }
  void stop() {
    cost_.wall += std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
    cost_.cpu += static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC;
  }
  Cost cost() const { return cost_; }

 private:
  std::chrono::steady_clock::time_point wall_;
  std::clock_t cpu_ = 0;
  Cost cost_;
};

template <typename Work>
Cost time_of(Work&& work) {
  Stopwatch watch;
  watch.start();
  work();
  watch.stop();
  return watch.cost();
}

template <typename T>
T must(Result<T> outcome) {
  if (outcome) return std::move(*outcome);
  fmt::print(stderr, "{}\n", outcome.error().text);
  std::exit(1);
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) must<bool>(bad_input(path + ": cannot be read"));
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// One line `VmRSS:`, `VmHWM:` of the kernel's account of this process, in MiB.
inline double memory_mib(std::string_view word) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(word)) return std::strtod(line.c_str() + word.size(), nullptr) / 1024;
  }
  return 0;
}

}  // namespace tocsin::bench
