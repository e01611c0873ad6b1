// csv.cpp: a CSV reader that says where it stumbles.
#include "daemon/casebook/csv.h"

namespace tocsin::casebook {

Result<std::vector<CsvRecord>> read_csv(std::string_view path, std::string_view text) {
  constexpr std::string_view kBom = "\xef\xbb\xbf";
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  std::vector<CsvRecord> records;
  std::size_t line = 1, at = 0;
  while (at < text.size()) {
    CsvRecord record{line, {}};
    bool more = true;
    while (more) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        const std::size_t opened = line;
        ++at;
        bool closed = false;
        while (at < text.size() && !closed) {
          if (text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"') field += '"', at += 2;
          else if (text[at] == '"') closed = true, ++at;
          else line += text[at] == '\n' ? 1 : 0, field += text[at++];
        }
        if (!closed) return bad_input(fmt::format("{}:{}: a quoted field is opened here and never closed", path, opened));
        if (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r')
          return bad_input(fmt::format("{}:{}: there is text behind a closing quote; a quote inside a field is written twice", path, line));
      } else {
        while (at < text.size() && text[at] != ',' && text[at] != '\n' && !(text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n')) {
          if (text[at] == '"') return bad_input(fmt::format("{}:{}: a quote stands in the middle of an unquoted field; quote the whole field", path, line));
          field += text[at++];
        }
      }
      record.fields.push_back(std::move(field));
      more = at < text.size() && text[at] == ',';
      if (more) ++at;
    }
    if (at < text.size() && text[at] == '\r') ++at;
    if (at < text.size() && text[at] == '\n') ++at, ++line;
    const bool blank = record.fields.size() == 1 && record.fields[0].empty();
    if (!blank) records.push_back(std::move(record));
  }
  return records;
}

}  // namespace tocsin::casebook
