// memory_source.h: a topic in memory: partitions with offsets and gaps, polled in an order that a seed decides.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "daemon/ingest/source.h"

namespace tocsin::testing {

/// What the broker holds; outlives the readers.
struct MemoryTopic {
  std::map<std::int32_t, std::vector<Record>> partitions;
  std::map<std::int32_t, std::int64_t> ends;   ///< First offset not yet written; may lie behind the last record (a trailing gap).

  void add(std::int32_t partition, std::string value, std::int64_t skip = 0) {
    Record record;
    record.position.partition = partition;
    record.position.offset = ends[partition] + skip;
    record.topic = "memory";
    record.value = std::move(value);
    ends[partition] = record.position.offset + 1;
    partitions[partition].push_back(std::move(record));
  }
};

class MemorySource : public Source {
 public:
  MemorySource(std::string name, const MemoryTopic& topic, std::uint64_t seed = 1) : name_(std::move(name)), topic_(topic), random_(seed) {}

  const std::string& name() const override { return name_; }

  Result<std::vector<StartAt>> open(const std::vector<StartAt>& stored) override {
    next_.clear();
    for (const auto& [partition, end] : topic_.ends) next_[partition] = 0;
    for (const StartAt& at : stored) next_[at.partition] = at.next;
    std::vector<StartAt> starts;
    for (const auto& [partition, next] : next_) starts.push_back({partition, next});
    return starts;
  }

  Result<Batch> poll(std::size_t records_max, std::chrono::milliseconds) override {
    if (before_poll) TOCSIN_TRY(before_poll());
    Batch batch;
    for (const auto& [partition, end] : topic_.ends) {
      std::int64_t& next = next_[partition];
      if (next >= end || random_() % 4 == 0) continue;
      const auto held = topic_.partitions.find(partition);
      std::size_t some = 1 + random_() % records_per_partition;
      if (held != topic_.partitions.end()) {
        for (const Record& record : held->second) {
          if (record.position.offset < next) continue;
          if (some-- == 0 || batch.records.size() >= records_max) break;
          Record copy = record;
          copy.position.source = name_;
          next = copy.position.offset + 1;
          batch.records.push_back(std::move(copy));
        }
      }
      const bool more = held != topic_.partitions.end() && !held->second.empty() && held->second.back().position.offset >= next;
      if (!more) next = end;
      batch.partitions.push_back({partition, next, end, next == end});
    }
    return batch;
  }

  bool exhausted() const override {
    for (const auto& [partition, end] : topic_.ends) {
      const auto at = next_.find(partition);
      if (at == next_.end() || at->second < end) return false;
    }
    return ends_;
  }

  std::function<Result<void>()> before_poll;   ///< For errors.
  std::size_t records_per_partition = 40;
  bool ends_ = true;                           ///< False: a topic that may always get more.

 protected:
  std::string name_;
  const MemoryTopic& topic_;
  std::mt19937_64 random_;
  std::map<std::int32_t, std::int64_t> next_;
};

}  // namespace tocsin::testing
