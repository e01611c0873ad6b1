// pages.h: from a request's target to an answer, without knowing HTTP.
#pragma once

#include <string>
#include <string_view>

#include "daemon/serve/http_server.h"

namespace tocsin::serve {

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// `target` is the raw request target; a query is ignored. Paths that leave the announcements' folder are 404.
/// `authorized` says whether a valid token came, or none is needed.
Page page_of(const HttpPages& pages, std::string_view target, bool authorized);

}  // namespace tocsin::serve
