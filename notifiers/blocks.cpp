// blocks.cpp: one source, two appearances.
#include "notifiers/blocks.h"

#include "notifiers/template.h"

namespace tocsin {
namespace {

constexpr const char* kHeadingStyle = " style=\"margin:26px 0 8px;padding-top:16px;border-top:1px solid #d5dbe2;font-size:17px;line-height:1.4;color:#12395b;font-weight:700;\"";
constexpr const char* kCallStyle = " style=\"margin:26px 0 4px;padding:14px 18px 6px;background:#eef4fa;border-left:4px solid #12395b;border-radius:0 6px 6px 0;\"";
constexpr const char* kCallHeadingStyle = " style=\"margin:0 0 8px;font-size:17px;line-height:1.4;color:#12395b;font-weight:700;\"";
constexpr const char* kParagraphStyle = " style=\"margin:0 0 12px;font-size:15px;line-height:1.65;color:#1d2733;\"";
constexpr const char* kListStyle = " style=\"margin:0 0 12px;padding-left:22px;\"";
constexpr const char* kItemStyle = " style=\"margin:5px 0;font-size:15px;line-height:1.6;color:#1d2733;\"";
constexpr const char* kLinkStyle = " style=\"color:#0b5394;\"";

/// Wide characters take two columns of a terminal.
std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 || (byte & 0xE0U) == 0xC0) n += 1;
    else if ((byte & 0xF0U) == 0xE0 || (byte & 0xF8U) == 0xF0) n += 2;
  }
  return n;
}

/// One pass from left to right, so that a link is never looked for inside another's anchor.
std::string linked(std::string_view text, const std::vector<std::string>& links, bool inline_style) {
  const std::string escaped = escape_html(text);
  std::vector<std::string> written;
  for (const std::string& link : links)
    if (!link.empty()) written.push_back(escape_html(link));
  // The longest first: one address may be the beginning of another.
  std::sort(written.begin(), written.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  std::string out;
  for (std::size_t at = 0; at < escaped.size();) {
    const auto link = std::find_if(written.begin(), written.end(), [&](const std::string& each) { return escaped.compare(at, each.size(), each) == 0; });
    if (link == written.end()) {
      out += escaped[at++];
      continue;
    }
    out += fmt::format("<a href=\"{}\"{}>{}</a>", *link, inline_style ? kLinkStyle : "", *link);
    at += link->size();
  }
  return out;
}

}  // namespace

std::vector<Block> blocks_of(std::string_view source) {
  std::vector<Block> blocks;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    std::string_view line = source.substr(0, end);
    source.remove_prefix(std::min(end + 1, source.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.substr(0, 4) == "##! ") blocks.push_back({Block::Kind::call, std::string(line.substr(4))});
    else if (line.substr(0, 3) == "## ") blocks.push_back({Block::Kind::heading, std::string(line.substr(3))});
    else if (line.substr(0, 2) == "- ") blocks.push_back({Block::Kind::item, std::string(line.substr(2))});
    else blocks.push_back({Block::Kind::paragraph, std::string(line)});
  }
  return blocks;
}

std::string plain_of(std::string_view title, const std::vector<Block>& blocks) {
  std::string out = fmt::format("{}\n{}\n", title, std::string(columns(title), '='));
  bool after_item = false;
  for (const Block& block : blocks) {
    const bool item = block.kind == Block::Kind::item;
    if (!item || !after_item) out += '\n';
    if (block.kind == Block::Kind::heading || block.kind == Block::Kind::call) out += fmt::format("{}\n{}\n", block.text, std::string(columns(block.text), '-'));
    else if (item) out += fmt::format("* {}\n", block.text);
    else out += fmt::format("{}\n", block.text);
    after_item = item;
  }
  return out;
}

std::string html_of(const std::vector<Block>& blocks, const std::vector<std::string>& links, bool inline_style) {
  const auto style = [&](const char* text) { return inline_style ? text : ""; };
  std::string out;
  bool list = false, call = false;
  for (const Block& block : blocks) {
    const bool item = block.kind == Block::Kind::item;
    if (item && !list) out += fmt::format("<ul{}>\n", style(kListStyle));
    if (!item && list) out += "</ul>\n";
    list = item;
    if (block.kind == Block::Kind::heading || block.kind == Block::Kind::call) {
      if (call) out += "</div>\n";
      call = block.kind == Block::Kind::call;
      if (call) out += fmt::format("<div class=\"call\"{}>\n", style(kCallStyle));
    }
    const std::string text = linked(block.text, links, inline_style);
    if (block.kind == Block::Kind::heading) out += fmt::format("<h2{}>{}</h2>\n", style(kHeadingStyle), text);
    else if (block.kind == Block::Kind::call) out += fmt::format("<h2{}>{}</h2>\n", style(kCallHeadingStyle), text);
    else if (item) out += fmt::format("<li{}>{}</li>\n", style(kItemStyle), text);
    else out += fmt::format("<p{}>{}</p>\n", style(kParagraphStyle), text);
  }
  if (list) out += "</ul>\n";
  if (call) out += "</div>\n";
  return out;
}

}  // namespace tocsin
