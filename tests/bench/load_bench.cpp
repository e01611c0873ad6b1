// load_bench.cpp: what it costs to have rules: reading, compiling, keeping; and once more, as a daemon does that reloads.
#include "daemon/sigma/engine/matcher.h"
#include "tests/bench/bench.h"

namespace tocsin::bench {

int load(const Options& options) {
  const std::string folder = options.text("rules", "");
  std::shared_ptr<const sigma::RuleSet> rules;
  std::unique_ptr<sigma::Matcher> matcher;
  const auto once = [&] {
    rules = std::make_shared<const sigma::RuleSet>(must(sigma::RuleSet::load({folder})));
    matcher = std::make_unique<sigma::Matcher>(rules);
  };
  const double before = memory_mib("VmRSS:");
  const Cost cold = time_of(once);
  const double kept = memory_mib("VmRSS:") - before, peak = memory_mib("VmHWM:");
  const Cost again = time_of(once);
  fmt::print(R"({{"bench":"load","rules":{},"cold_s":{:.4f},"cold_cpu_s":{:.4f},"again_s":{:.4f},"again_cpu_s":{:.4f},"kept_mib":{:.1f},"peak_mib":{:.1f}}})" "\n",
             rules->rules().size(), cold.wall, cold.cpu, again.wall, again.cpu, kept, peak);
  return 0;
}

}  // namespace tocsin::bench
