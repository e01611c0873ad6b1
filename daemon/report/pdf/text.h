// text.h: blocks of laid-out text whose every glyph exists.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>

#include "daemon/base/result.h"
#include "daemon/report/pdf/fonts.h"

namespace tocsin::report {

struct Colour {
  double red = 0, green = 0, blue = 0;
};

struct TextStyle {
  double size = 9;
  bool bold = false;
  Colour colour{};
  double line_spacing = 1.25;
};

/// A paragraph set to a width, ready to be drawn.
class Block {
 public:
  Block(std::unique_ptr<PangoLayout, GObjectUnref> layout, Colour colour);
  double width() const { return width_; }
  double height() const { return height_; }
  void draw(cairo_t* cairo, double x, double y) const;

 private:
  std::unique_ptr<PangoLayout, GObjectUnref> layout_;
  Colour colour_;
  double width_ = 0, height_ = 0;
};

/// Sets texts in one language.
class TextSetter {
 public:
  TextSetter(PangoFontMap* fonts, std::string language);
  /// bad_input for bytes that are not UTF-8 and for a character that no font has; the error shows its code point.
  Result<Block> set(const std::string& text, const TextStyle& style, double width) const;

 private:
  std::unique_ptr<PangoContext, GObjectUnref> context_;
  const char* families_;
};

}  // namespace tocsin::report
