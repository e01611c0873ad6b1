// metrics_test.cpp: the table and what is exported.
#include "daemon/base/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tocsin {
namespace {

TEST(Metrics, the_table_is_sorted_and_named_as_prometheus_asks) {
  const auto table = metric_table();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const MetricRow& row : table) {
    EXPECT_TRUE(row.name.starts_with("tocsin_")) << row.name;
    EXPECT_EQ(row.name.ends_with("_total"), row.type == MetricType::counter) << row.name;
    EXPECT_TRUE(row.help.ends_with(".")) << row.name;
  }
}

TEST(Metrics, values_come_out_as_text) {
  Metrics metrics;
  metrics.set("tocsin_ready", 1);
  metrics.add("tocsin_alerts_total", 2);
  metrics.add("tocsin_alerts_total");
  metrics.set("tocsin_notices", 5, {{"state", "QUEUED"}});
  metrics.observe("tocsin_commit_seconds", 0.003);
  const std::string text = metrics.text();
  for (const char* line : {"# TYPE tocsin_ready gauge", "tocsin_ready 1\n", "tocsin_alerts_total 3\n", "tocsin_notices{state=\"QUEUED\"} 5\n",
                           "# HELP tocsin_notices Notices by state.", "tocsin_commit_seconds_bucket{le=\"0.005\"} 1\n", "tocsin_commit_seconds_count 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(Metrics, a_counter_follows_its_total_and_never_falls) {
  Metrics metrics;
  metrics.raise_to("tocsin_records_total", 10, {{"source", "a"}});
  metrics.raise_to("tocsin_records_total", 7, {{"source", "a"}});
  metrics.raise_to("tocsin_records_total", 12, {{"source", "a"}});
  EXPECT_NE(metrics.text().find("tocsin_records_total{source=\"a\"} 12\n"), std::string::npos);
}

TEST(MetricsDeathTest, a_name_outside_the_table_is_a_broken_promise) {
  Metrics metrics;
  EXPECT_DEATH(metrics.add("tocsin_nothing_total"), "broken promise");
  EXPECT_DEATH(metrics.add("tocsin_ready"), "broken promise");
}

}  // namespace
}  // namespace tocsin
