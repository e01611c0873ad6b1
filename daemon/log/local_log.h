// local_log.h: the match log as segment files in one folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/base/limits.h"
#include "daemon/log/disk.h"
#include "daemon/log/match_log.h"

namespace tocsin {

struct LocalLogSettings {
  std::string folder;
  std::uint64_t segment_bytes = limits::kSegmentBytes;
  log::Disk disk;
};

/// Files `<offset of the first frame>.seg`. Each begins with an opening frame that carries the log's id; the offset of a
/// frame is the number of frame bytes before it in the whole log, openings left out.
///
/// Out of space is unavailable: nothing appended is lost, call sync again. A failed fdatasync or a write error is final:
/// every later call is refused.
class LocalLog final : public MatchLog {
 public:
  /// Creates the folder and the log where there is none. A torn tail (frames of a last batch whose sync did not return) is
  /// cut off. A damaged frame that was once durable is refused: somebody must restore the file; so is a missing segment,
  /// one of another log, or of a later version, and a folder that another process has open.
  static Result<std::unique_ptr<LocalLog>> open(LocalLogSettings settings);

  const std::string& id() const override { return id_; }
  Result<void> append(std::string_view frame) override;
  Result<LogOffset> sync() override;
  LogOffset end() const override { return durable_; }
  Result<void> read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) override;
  Result<void> drop_before(LogOffset offset) override;
  LogOffset begin() const override { return segments_.front().base; }

  std::uint64_t bytes_cut() const { return cut_; }   ///< Of the torn tail that open found.

 private:
  struct Segment {
    std::string path;
    LogOffset base = 0;
  };
  explicit LocalLog(LocalLogSettings settings) : settings_(std::move(settings)) {}
  std::string path_of(LogOffset base) const;
  Result<void> list_segments();
  Result<void> check_chain();
  Result<void> open_last();
  Result<void> start_segment();
  Result<void> write_pending();
  Failure fail_for_good(Failure failure);

  LocalLogSettings settings_;
  log::Descriptor lock_;
  std::string id_;
  std::vector<Segment> segments_;   ///< By base; never empty once open.
  log::Descriptor file_;            ///< Of the last segment, in append mode; closed where the next write starts a segment.
  LogOffset durable_ = 0;
  LogOffset appended_ = 0;          ///< End of what was appended.
  std::string pending_;             ///< Appended and not yet written.
  std::uint64_t cut_ = 0;
  std::string failure_;             ///< Why the log is over, once it is.
};

}  // namespace tocsin
