// metrics.cpp: the table, over prometheus-cpp's registry.
#include "daemon/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <sstream>

#include "daemon/base/promise.h"

namespace tocsin {
namespace {

using enum MetricType;

constexpr MetricRow kTable[] = {
    {"tocsin_alerts_total", counter, "Alerts in the store."},
    {"tocsin_build_info", gauge, "Always 1; the labels say what runs."},
    {"tocsin_commit_seconds", histogram, "Time of one commit of effects and progress."},
    {"tocsin_contacts", gauge, "People whose contact is known."},
    {"tocsin_correlation_dropped_total", counter, "Matches that a memory limit of a correlation has cost, by rule: its counts may be too small since."},
    {"tocsin_correlation_groups", gauge, "Groups whose window is kept in memory."},
    {"tocsin_deliveries_total", counter, "Attempts to deliver, by channel and outcome: accepted, delivered, try_later, refused, in_doubt."},
    {"tocsin_delivery_live", gauge, "1 where notices really leave (delivery mode live), else 0."},
    {"tocsin_events_total", counter, "Events after explosion, by source."},
    {"tocsin_incidents", gauge, "Incidents in the store."},
    {"tocsin_invariant_breaches_total", counter, "Broken promises of our own, by invariant: accounting, alert_once. Look at once."},
    {"tocsin_match_log_bytes", gauge, "Size of the match log."},
    {"tocsin_notices", gauge, "Notices by state."},
    {"tocsin_notices_in_doubt_total", counter, "Crash doubts ever recorded, by channel: the bound of possible duplicates."},
    {"tocsin_partition_balanced", gauge, "1 while applied + late + dead + gap = next - start."},
    {"tocsin_partition_next_offset", gauge, "First offset not yet filed, by source and partition."},
    {"tocsin_partition_start_offset", gauge, "Where reading began, by source and partition."},
    {"tocsin_ready", gauge, "1 while the daemon is ready."},
    {"tocsin_records_total", counter, "Records by source, partition and disposition: applied, late, dead, gap; duplicate apart."},
    {"tocsin_rules", gauge, "Rules loaded."},
    {"tocsin_rules_reloads_total", counter, "Reloads of the rules, by outcome: done, or the kind of error that left the rules as they were."},
    {"tocsin_source_errors_total", counter, "Failed reads, by source and kind of error."},
    {"tocsin_source_running", gauge, "1 while a source is read, 0 where it is stopped and a person must look."},
};

const MetricRow& row_of(std::string_view name, MetricType type) {
  const auto* row = std::lower_bound(std::begin(kTable), std::end(kTable), name,
                                     [](const MetricRow& each, std::string_view wanted) { return each.name < wanted; });
  TOCSIN_ASSERT(row != std::end(kTable) && row->name == name && row->type == type);
  return *row;
}

}  // namespace

std::span<const MetricRow> metric_table() { return kTable; }

struct Metrics::Families {
  prometheus::Registry registry;
  std::map<std::string_view, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string_view, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string_view, prometheus::Family<prometheus::Histogram>*> histograms;
  std::mutex raising;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  for (const MetricRow& row : kTable) {
    const std::string name(row.name), help(row.help);
    auto& registry = families_->registry;
    switch (row.type) {
      case counter: families_->counters[row.name] = &prometheus::BuildCounter().Name(name).Help(help).Register(registry); break;
      case gauge: families_->gauges[row.name] = &prometheus::BuildGauge().Name(name).Help(help).Register(registry); break;
      case histogram:
        families_->histograms[row.name] = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
        break;
    }
  }
}

Metrics::~Metrics() = default;

void Metrics::add(std::string_view name, double by, const Labels& labels) {
  families_->counters.at(row_of(name, counter).name)->Add(labels).Increment(by);
}

void Metrics::raise_to(std::string_view name, double total, const Labels& labels) {
  auto& metric = families_->counters.at(row_of(name, counter).name)->Add(labels);
  const std::lock_guard lock(families_->raising);
  if (const double by = total - metric.Value(); by > 0) metric.Increment(by);
}

void Metrics::set(std::string_view name, double value, const Labels& labels) {
  families_->gauges.at(row_of(name, gauge).name)->Add(labels).Set(value);
}

void Metrics::observe(std::string_view name, double value, const Labels& labels) {
  // From a fast local disk to one that makes people wait.
  static const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
  families_->histograms.at(row_of(name, histogram).name)->Add(labels, kSeconds).Observe(value);
}

std::string Metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families_->registry.Collect());
  return std::move(out).str();
}

}  // namespace tocsin
