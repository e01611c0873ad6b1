// blocks.h: the shape of a notice: headings, paragraphs and items, so that plain text and HTML say the same by construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

struct Block {
  /// `call` is the heading of the part that asks the reader to act: HTML sets it apart.
  enum class Kind : std::uint8_t { heading, call, paragraph, item };
  Kind kind;
  std::string text;
};

/// A filled template: `## heading`, `##! heading of what to do`, `- item`, and a paragraph a line; empty lines only separate.
std::vector<Block> blocks_of(std::string_view source);

std::string plain_of(std::string_view title, const std::vector<Block>& blocks);

/// Escaped HTML. `links` are the addresses that become links where they occur. `inline_style` writes the style into every
/// element, since many mail programs drop style sheets.
std::string html_of(const std::vector<Block>& blocks, const std::vector<std::string>& links, bool inline_style);

}  // namespace tocsin
