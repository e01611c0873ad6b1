// rows.h: lists of our own rows, which no message of the API holds, in every format.
#pragma once

#include <string>
#include <string_view>

#include "daemon/cli/output.h"

namespace tocsin::cli {

struct RowColumn {
  std::string name;
  bool number = false;   ///< In JSON its cells are numbers, written as they stand; an empty one is null.
};

/// Table and CSV as they are. JSON is one object with the list under `name`, NDJSON one object a row.
void print_rows(Output& output, std::string_view name, const std::vector<RowColumn>& columns, const Rows& rows);

}  // namespace tocsin::cli
