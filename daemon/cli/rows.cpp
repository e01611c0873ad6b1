// rows.cpp: cells as JSON values.
#include "daemon/cli/rows.h"

#include "daemon/base/json.h"

namespace tocsin::cli {
namespace {

std::string object(const std::vector<RowColumn>& columns, const std::vector<std::string>& row) {
  std::string out = "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += fmt::format("{}\"{}\":", i == 0 ? "" : ",", columns[i].name);
    if (columns[i].number) out += row[i].empty() ? "null" : row[i];
    else out += fmt::format("\"{}\"", json_escaped(row[i]));
  }
  return out + "}";
}

}  // namespace

void print_rows(Output& output, std::string_view name, const std::vector<RowColumn>& columns, const Rows& rows) {
  std::vector<std::string> header;
  for (const RowColumn& column : columns) header.push_back(column.name);
  switch (output.format) {
    case Format::table: return print_table(output, header, rows);
    case Format::csv: return print_csv(output, header, rows);
    case Format::ndjson:
      for (const auto& row : rows) output.out << object(columns, row) << "\n";
      return;
    case Format::json: break;
  }
  output.out << "{\n \"" << name << "\": [\n";
  for (std::size_t i = 0; i < rows.size(); ++i) output.out << "  " << object(columns, rows[i]) << (i + 1 < rows.size() ? ",\n" : "\n");
  output.out << " ]\n}\n";
}

}  // namespace tocsin::cli
