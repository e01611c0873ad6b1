// service_account.h: Google's service-account file, and the signed assertion that is exchanged for a token.
#pragma once

#include <memory>
#include <string>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/base/secret.h"

namespace tocsin {

struct ServiceAccount {
  std::string client_email;
  std::string project_id;
  std::string token_uri;
  std::string key_id;        ///< private_key_id; may be empty.
  Secret private_key;        ///< PEM.
};

/// bad_input names the path and what is missing, never the content.
Result<ServiceAccount> load_service_account(const std::string& path);

/// RFC 7523: a JWT signed RS256, good for an hour, that asks token_uri for `scope`.
Result<Secret> signed_assertion(const ServiceAccount& account, std::string_view scope, Instant now);

}  // namespace tocsin
