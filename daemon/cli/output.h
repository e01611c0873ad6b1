// output.h: what a verb prints: tables for people, JSON and CSV for programs.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/exit_code.h"

namespace tocsin::cli {

enum class Format : std::uint8_t { table, json, ndjson, csv };

/// Where a verb prints, and how.
struct Output {
  std::ostream& out;
  std::ostream& err;
  Format format = Format::table;
  std::size_t width = 0;   ///< Of the terminal, in cells; 0: lines are not cut.
};

using Rows = std::vector<std::vector<std::string>>;

/// One column of a list: its name (the same in table and CSV) and its text.
template <typename Message>
struct Column {
  std::string_view name;
  std::function<std::string(const Message&)> text;
};

/// Columns are as wide as their widest cell, by display cells; only the last is cut at the terminal's edge.
void print_table(Output& output, const std::vector<std::string>& header, const Rows& rows);
/// RFC 4180. A text that a spreadsheet would run as a formula gets a quote mark in front.
void print_csv(Output& output, const std::vector<std::string>& header, const Rows& rows);
/// One object: pretty for `json`, one line for `ndjson`. Every key is written, also zeros.
void print_message(Output& output, const google::protobuf::Message& message);
void print_error(Output& output, const Ending& ending);

/// A list in the chosen format. JSON is the whole answer, NDJSON one row a line.
template <typename Message>
void print_list(Output& output, const google::protobuf::Message& answer, const google::protobuf::RepeatedPtrField<Message>& rows,
                const std::vector<Column<Message>>& columns) {
  if (output.format == Format::json) return print_message(output, answer);
  if (output.format == Format::ndjson) {
    for (const Message& row : rows) print_message(output, row);
    return;
  }
  std::vector<std::string> header;
  for (const auto& column : columns) header.emplace_back(column.name);
  Rows cells;
  for (const Message& row : rows) {
    auto& line = cells.emplace_back();
    for (const auto& column : columns) line.push_back(column.text(row));
  }
  output.format == Format::csv ? print_csv(output, header, cells) : print_table(output, header, cells);
}

/// Lines `name  value` for people; programs get the message.
void print_facts(Output& output, const google::protobuf::Message& message, const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace tocsin::cli
