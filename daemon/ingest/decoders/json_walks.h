// json_walks.h: the two readers of JSON: one for speed, one that has the last word. Both give the same nodes.
#pragma once

#include <optional>
#include <string_view>

#include "daemon/ingest/dead_letter.h"
#include "daemon/ingest/document.h"

namespace tocsin::ingest {

/// Over simdjson's index of tokens. False where it does not take the document, which says nothing about it: the strict walk
/// decides. At most limits::kEventBytesMax bytes.
bool walk_indexed(std::string_view bytes, Document& out);

/// Byte by byte; says why a document is none.
std::optional<DeadLetter> walk_strictly(std::string_view bytes, Document& out);

}  // namespace tocsin::ingest
