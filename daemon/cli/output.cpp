// output.cpp: aligned columns, CSV and JSON.
#include "daemon/cli/output.h"

#include "daemon/base/json.h"
#include "daemon/model/text.h"

namespace tocsin::cli {
namespace {

/// A cell is one line: what came from outside must not draw over the terminal.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

std::string csv_cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    const bool number = text.find_first_not_of("0123456789.-") == std::string::npos;
    if (!number) text.insert(0, "'");
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

void print_table(Output& output, const std::vector<std::string>& header, const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& name : header) widths.push_back(display_cells(name));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_cells(one_line(row[i])));
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = one_line(row[i]);
      line += cell;
      if (i + 1 < row.size()) line += std::string(widths[i] - display_cells(cell) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    output.out << (output.width == 0 ? std::string_view(line) : cut_to_cells(line, output.width)) << "\n";
  };
  std::vector<std::string> titles;
  for (std::string name : header) {
    for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    titles.push_back(std::move(name));
  }
  print(titles);
  for (const auto& row : rows) print(row);
}

void print_csv(Output& output, const std::vector<std::string>& header, const Rows& rows) {
  const auto print = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) output.out << (i == 0 ? "" : ",") << csv_cell(row[i]);
    output.out << "\r\n";
  };
  print(header);
  for (const auto& row : rows) print(row);
}

void print_message(Output& output, const google::protobuf::Message& message) {
  const bool pretty = output.format == Format::json;
  output.out << to_json(message, {.pretty = pretty, .defaults = true}) << (pretty ? "" : "\n");
}

void print_error(Output& output, const Ending& ending) {
  if (ending.text.empty()) return;
  if (output.format == Format::json || output.format == Format::ndjson) {
    output.err << fmt::format(R"({{"code":"{}","message":"{}")", word_of(ending.code), json_escaped(ending.text));
    if (!ending.hint.empty()) output.err << fmt::format(R"(,"hint":"{}")", json_escaped(ending.hint));
    output.err << "}\n";
    return;
  }
  output.err << "tocsin: " << ending.text << "\n";
  if (!ending.hint.empty()) output.err << "  " << ending.hint << "\n";
}

void print_facts(Output& output, const google::protobuf::Message& message, const std::vector<std::pair<std::string, std::string>>& facts) {
  if (output.format == Format::json || output.format == Format::ndjson) return print_message(output, message);
  if (output.format == Format::csv) {
    Rows rows;
    for (const auto& [name, value] : facts) rows.push_back({name, value});
    return print_csv(output, {"name", "value"}, rows);
  }
  std::size_t width = 0;
  for (const auto& [name, value] : facts) width = std::max(width, display_cells(name));
  for (const auto& [name, value] : facts) {
    output.out << name << std::string(width - display_cells(name) + 2, ' ') << one_line(value) << "\n";
  }
}

}  // namespace tocsin::cli
