// sealed_log.cpp: sealing on the way in, opening on the way out.
#include "daemon/log/sealed_log.h"

#include "daemon/base/hash.h"

namespace tocsin {

Result<void> SealedLog::append(std::string_view frame) { return below_.append(seal(key_, below_.id(), frame)); }

Result<void> SealedLog::read(LogOffset from, const std::function<Result<void>(std::string_view frame, LogOffset after)>& visit) {
  return below_.read(from, [&](std::string_view sealed, LogOffset after) -> Result<void> {
    auto frame = unseal(key_, below_.id(), sealed);
    if (!frame) {
      return refused(fmt::format("match log: the frame before offset {} does not open: keys/seal.key is not the one it was written with, or "
                                 "the log was changed. Restore both from one backup", after));
    }
    return visit(*frame, after);
  });
}

}  // namespace tocsin
