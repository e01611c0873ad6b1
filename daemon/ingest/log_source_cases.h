// log_source_cases.h: which case of a mapping's log source holds, by one look-up per value instead of one walk per case.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/document.h"
#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

/// Immutable, any thread; what is seen of an event stands in a Seen.
class LogSourceCases {
 public:
  using Bits = std::vector<std::uint64_t>;   ///< One per case.
  struct Seen {
    std::vector<Bits> possible;              ///< Per path: the cases that it allows.
  };

  LogSourceCases() = default;
  /// `rule` must outlive this.
  explicit LogSourceCases(const v1::LogSourceRule& rule);

  /// What the cases ask about, by number.
  const std::vector<std::string>& paths() const { return paths_; }

  void begin(Seen& seen) const;
  /// A value stands at a path. Texts, numbers and truths are compared as they are written, whatever their type; numbers also where
  /// they are written in another way (2.0 is 2). Null, objects and lists hold nothing.
  void see(Seen& seen, std::size_t path, const Node& value) const;
  /// The first case whose conditions all hold, or none.
  const v1::LogSourceCase* decide(const Seen& seen) const;

 private:
  struct Path {
    Bits without;                                       ///< The cases that do not ask about it.
    std::map<std::string, Bits, std::less<>> with;      ///< Text → the cases that ask for it.
  };
  const v1::LogSourceRule* rule_ = nullptr;
  std::vector<std::string> paths_;
  std::vector<Path> tables_;
};

}  // namespace tocsin::ingest
