// routes.h: which rules look at events of a log source, worked out once per log source.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include "daemon/sigma/engine/engine.h"

namespace tocsin::sigma {

struct Route {
  std::vector<std::uint64_t> allowed;       ///< One bit a rule.
  std::vector<bool> useful;                 ///< By slot: does any allowed rule stand behind it?
  std::vector<std::uint32_t> always;        ///< Allowed rules that are asked about every event.
  std::vector<std::uint32_t> bare;          ///< Those that hold where none of their fields is there.

  bool allows(std::uint32_t rule) const { return (allowed[rule / 64] >> (rule % 64) & 1U) != 0; }
};

/// Does a rule with this log source look at such events? Names compare without case; what the rule leaves out is any.
bool fits(const LogSource& wanted, const LogSourceView& actual);

/// Remembers the routes of log sources already met. Used from one thread.
class Routes {
 public:
  explicit Routes(std::shared_ptr<const Engine> engine) : engine_(std::move(engine)) {}
  const Route& of(const LogSourceView& source);
  /// Every rule, whatever the log source.
  const Route& all();

 private:
  Route make(const LogSourceView* source) const;

  std::shared_ptr<const Engine> engine_;
  absl::flat_hash_map<std::string, std::unique_ptr<Route>> known_;
  std::unique_ptr<Route> all_;
  std::string key_, last_key_;
  const Route* last_ = nullptr;
};

}  // namespace tocsin::sigma
