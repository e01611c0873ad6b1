// csv.h: RFC 4180, with the line on which each record begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace tocsin::casebook {

struct CsvRecord {
  std::size_t line = 1;
  std::vector<std::string> fields;
};

/// Quotes, doubled quotes, line ends inside quotes, CRLF or LF, an optional BOM, empty lines skipped. bad_input with
/// `path:line`; no value of the file is repeated in an error.
Result<std::vector<CsvRecord>> read_csv(std::string_view path, std::string_view text);

}  // namespace tocsin::casebook
