// sealed_log.h: a match log whose frames only the holder of the key can read: dead letters and evidence name people.
#pragma once

#include "daemon/base/secret.h"
#include "daemon/log/match_log.h"

namespace tocsin {

/// Seals each frame and binds it to the identity of the log below, which must outlive this. A frame of another log, or one
/// that was changed, is refused when it is read.
class SealedLog final : public MatchLog {
 public:
  /// `key` has 32 bytes.
  SealedLog(MatchLog& below, Secret key) : below_(below), key_(std::move(key)) {}

  const std::string& id() const override { return below_.id(); }
  Result<void> append(std::string_view frame) override;
  Result<LogOffset> sync() override { return below_.sync(); }
  LogOffset end() const override { return below_.end(); }
  LogOffset begin() const override { return below_.begin(); }
  Result<void> drop_before(LogOffset offset) override { return below_.drop_before(offset); }
  Result<void> read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) override;

 private:
  MatchLog& below_;
  Secret key_;
};

}  // namespace tocsin
