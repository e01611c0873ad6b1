// text.cpp: pango layouts made strict: fixed baselines, no ligatures, no silent gaps.
#include "daemon/report/pdf/text.h"

namespace tocsin::report {
namespace {

struct AttributesUnref {
  void operator()(PangoAttrList* attributes) const { pango_attr_list_unref(attributes); }
};

Failure no_glyph(const std::string& text, int byte) {
  const gunichar character = g_utf8_get_char(text.c_str() + byte);
  return bad_input(fmt::format("no font has the character U+{:04X} in `{}` (rare characters: Debian package fonts-hanazono)", character, text));
}

bool is_blank(gunichar character) { return g_unichar_isspace(character) != 0; }

/// pango shifts the baseline between Latin and Han runs, which would move single words up and down; and a font without a
/// character would leave a box or nothing, which must not happen in a legal document.
Result<void> straighten_and_check(PangoLayout* layout, const std::string& text) {
  for (GSList* line = pango_layout_get_lines(layout); line != nullptr; line = line->next) {
    for (GSList* run = static_cast<PangoLayoutLine*>(line->data)->runs; run != nullptr; run = run->next) {
      auto* item = static_cast<PangoGlyphItem*>(run->data);
      item->y_offset = 0;
      for (int i = 0; i < item->glyphs->num_glyphs; ++i) {
        const PangoGlyph glyph = item->glyphs->glyphs[i].glyph;
        const int byte = item->item->offset + item->glyphs->log_clusters[i];
        const gunichar character = g_utf8_get_char(text.c_str() + byte);
        if ((glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0 || glyph == 0) return no_glyph(text, byte);
        if (glyph == PANGO_GLYPH_EMPTY && !is_blank(character)) return no_glyph(text, byte);
      }
    }
  }
  return {};
}

}  // namespace

Block::Block(std::unique_ptr<PangoLayout, GObjectUnref> layout, Colour colour) : layout_(std::move(layout)), colour_(colour) {
  int width = 0, height = 0;
  pango_layout_get_size(layout_.get(), &width, &height);
  width_ = static_cast<double>(width) / PANGO_SCALE;
  height_ = static_cast<double>(height) / PANGO_SCALE;
}

void Block::draw(cairo_t* cairo, double x, double y) const {
  cairo_set_source_rgb(cairo, colour_.red, colour_.green, colour_.blue);
  cairo_move_to(cairo, x, y);
  pango_cairo_show_layout(cairo, layout_.get());
}

TextSetter::TextSetter(PangoFontMap* fonts, std::string language)
    : context_(pango_font_map_create_context(fonts)),
      // Chinese first in Chinese, or the quotation marks would be Latin and narrow.
      families_(language == "zh-CN" ? "Noto Sans CJK SC,Noto Sans,HanaMinA,HanaMinB" : "Noto Sans,Noto Sans CJK SC,HanaMinA,HanaMinB") {
  pango_context_set_language(context_.get(), pango_language_from_string(language.c_str()));
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
}

Result<Block> TextSetter::set(const std::string& text, const TextStyle& style, double width) const {
  if (g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) == FALSE) return bad_input("a text of the report is not UTF-8");
  if (text.find("\xEF\xBF\xBC") != std::string::npos || text.find("\xEF\xBF\xBD") != std::string::npos)
    return bad_input(fmt::format("`{}` holds a replacement character: the text was damaged before it came here", text));
  std::unique_ptr<PangoLayout, GObjectUnref> layout(pango_layout_new(context_.get()));
  PangoFontDescription* font = pango_font_description_new();
  pango_font_description_set_family(font, families_);
  pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
  pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout.get(), font);
  pango_font_description_free(font);
  const std::unique_ptr<PangoAttrList, AttributesUnref> attributes(pango_attr_list_new());
  pango_attr_list_insert(attributes.get(), pango_attr_font_features_new("liga=0, clig=0, dlig=0"));   // A ligature is not found by search.
  pango_layout_set_attributes(layout.get(), attributes.get());
  pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing(layout.get(), static_cast<float>(style.line_spacing));
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) {
    TOCSIN_TRY(straighten_and_check(layout.get(), text));
    return bad_input(fmt::format("no font has a character of `{}`", text));
  }
  TOCSIN_TRY(straighten_and_check(layout.get(), text));
  return Block(std::move(layout), style.colour);
}

}  // namespace tocsin::report
