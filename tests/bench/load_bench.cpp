// load_bench.cpp: what it costs to have rules: reading, compiling, keeping; and once more after one file has changed, as a daemon does.
#include <filesystem>
#include <fstream>

#include "daemon/sigma/engine/live_engine.h"
#include "daemon/sigma/rule_files.h"
#include "tests/bench/bench.h"
#include "tests/support/temp_folder.h"

namespace tocsin::bench {

int load(const Options& options) {
  const testing::TempFolder folder;
  const std::string rules_folder = folder / "rules", changed = rules_folder + "/changed.yml";
  std::filesystem::copy(options.text("rules", ""), rules_folder, std::filesystem::copy_options::recursive);
  const auto write = [&](int version) {
    std::ofstream(changed) << fmt::format("title: T\nid: bench\nlogsource: {{product: windows}}\ndetection: {{s: {{CommandLine|contains: version{}}}, condition: s}}\n", version);
  };
  write(0);

  sigma::RuleCache cache;
  std::shared_ptr<const sigma::LiveEngine> engine;
  const auto read = [&] { return std::make_shared<const sigma::RuleSet>(std::move(must(sigma::load_rules({rules_folder}, {}, cache)).rules)); };
  const double before = memory_mib("VmRSS:");
  const Cost cold = time_of([&] { engine = sigma::LiveEngine::compile(read()); });
  const double kept = memory_mib("VmRSS:") - before, peak = memory_mib("VmHWM:");

  write(1);
  std::shared_ptr<const sigma::RuleSet> next;
  const Cost reading = time_of([&] { next = read(); });
  const Cost compiling = time_of([&] { engine = sigma::LiveEngine::compile(next, *engine); });
  fmt::print(R"({{"bench":"load","rules":{},"cold_s":{:.4f},"cold_cpu_s":{:.4f},"reload_s":{:.4f},"reload_read_s":{:.4f},"reload_compiled":{},"kept_mib":{:.1f},"peak_mib":{:.1f}}})" "\n",
             engine->rules()->rules().size(), cold.wall, cold.cpu, reading.wall + compiling.wall, reading.wall, engine->compiled(), kept, peak);
  return 0;
}

}  // namespace tocsin::bench
