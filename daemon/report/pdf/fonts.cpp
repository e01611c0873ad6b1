// fonts.cpp: finds font files by their usual places, else by fontconfig, and nothing but them is used.
#include "daemon/report/pdf/fonts.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>

#include <filesystem>

#include "daemon/base/file.h"

namespace tocsin::report {
namespace {

struct Font {
  const char* family;
  const char* style;
  const char* path;      ///< In Debian.
  const char* package;
  bool required;
};

constexpr Font kFonts[] = {
    {"Noto Sans", "Regular", "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "fonts-noto-core", true},
    {"Noto Sans", "Bold", "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf", "fonts-noto-core", true},
    {"Noto Sans CJK SC", "Regular", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk", true},
    {"Noto Sans CJK SC", "Bold", "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", "fonts-noto-cjk", true},
    {"HanaMinA", "Regular", "/usr/share/fonts/truetype/hanazono/HanaMinA.ttf", "fonts-hanazono", false},
    {"HanaMinB", "Regular", "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "fonts-hanazono", false},
};

constexpr const char* kProfiles[] = {"/usr/share/color/icc/sRGB.icc", "/usr/share/color/icc/ghostscript/srgb.icc"};
constexpr std::size_t kProfileBytesMax = 1U << 20U;

/// Elsewhere than in Debian the system's own fontconfig knows the place.
std::string ask_fontconfig(const Font& font) {
  FcPattern* wanted = FcPatternBuild(nullptr, FC_FAMILY, FcTypeString, font.family, FC_STYLE, FcTypeString, font.style, nullptr);
  FcObjectSet* objects = FcObjectSetBuild(FC_FILE, nullptr);
  FcFontSet* found = FcFontList(nullptr, wanted, objects);
  std::string path;
  FcChar8* file = nullptr;
  if (found != nullptr && found->nfont > 0 && FcPatternGetString(found->fonts[0], FC_FILE, 0, &file) == FcResultMatch)
    path = reinterpret_cast<const char*>(file);
  if (found != nullptr) FcFontSetDestroy(found);
  FcObjectSetDestroy(objects);
  FcPatternDestroy(wanted);
  return path;
}

std::string find_font(const Font& font) { return std::filesystem::exists(font.path) ? font.path : font.required ? ask_fontconfig(font) : std::string(); }

}  // namespace

Result<FontMap> load_fonts() {
  const std::unique_ptr<FcConfig, void (*)(FcConfig*)> config(FcConfigCreate(), FcConfigDestroy);
  for (const Font& font : kFonts) {
    const std::string path = find_font(font);
    const bool loaded = !path.empty() && FcConfigAppFontAddFile(config.get(), reinterpret_cast<const FcChar8*>(path.c_str())) == FcTrue;
    if (!loaded && font.required)
      return unavailable(fmt::format("the font {} {} is not installed (Debian package {})", font.family, font.style, font.package));
  }
  FontMap map(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT));
  if (!map) return unavailable("this pango has no FreeType fonts");
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), config.get());
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map.get()), 72);
  return map;
}

Result<std::string> load_icc_profile() {
  for (const char* path : kProfiles)
    if (std::filesystem::exists(path)) return read_file(path, kProfileBytesMax);
  return unavailable("the colour profile sRGB.icc is not installed (Debian package icc-profiles-free)");
}

}  // namespace tocsin::report
