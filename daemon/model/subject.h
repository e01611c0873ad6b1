// subject.h: how a clear identifier of a person becomes a keyed hash. Clear ids go no further than this call.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/base/secret.h"
#include "daemon/model/event.h"

namespace tocsin {

/// The tenant's key for subject hashes: 32 random bytes, kept in state_dir, versioned so that it can be rotated.
struct SubjectKey {
  Secret bytes;
  std::uint32_t version = 1;
};

/// Normalises per id_type (all: trim, NFC; email: lower case of the domain; phone: E.164 with `default_region`, as written
/// where it is no valid number) and hashes: HMAC-SHA-256(key, id_type ‖ 0 ‖ id) cut to 16 bytes. bad_input where the id is
/// empty after trimming or not UTF-8.
Result<Subject> subject_of(const SubjectKey& key, std::string_view id_type, std::string_view clear_id,
                           std::string_view default_region = "CN");

/// The normalisation alone, for contact addresses.
Result<std::string> normalised_id(std::string_view id_type, std::string_view clear_id, std::string_view default_region = "CN");

}  // namespace tocsin
