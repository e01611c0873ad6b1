// metrics.h: every number that the daemon exports, in one table.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// One row of the table. Names end as Prometheus asks: `_total` for counters, the unit for everything else.
struct MetricRow {
  std::string_view name;
  MetricType type;
  std::string_view help;
};

/// Sorted by name.
std::span<const MetricRow> metric_table();

/// Any thread. Naming a metric that is not in the table, or using it against its type, is a broken promise.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void add(std::string_view counter, double by = 1, const Labels& labels = {});
  /// For counters whose truth lies in the store: moves up to `total`, and never down.
  void raise_to(std::string_view counter, double total, const Labels& labels = {});
  void set(std::string_view gauge, double value, const Labels& labels = {});
  void observe(std::string_view histogram, double value, const Labels& labels = {});

  /// Prometheus' text exposition.
  std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace tocsin
