// fonts.h: the report's own set of fonts, so that what else is installed cannot change a byte.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>

#include "daemon/base/result.h"

namespace tocsin::report {

struct GObjectUnref {
  void operator()(void* object) const { g_object_unref(object); }
};

using FontMap = std::unique_ptr<PangoFontMap, GObjectUnref>;

/// Noto Sans and Noto Sans CJK, regular and bold, and Hanazono for rare characters where it is installed. One map per thread.
/// unavailable, naming the Debian package, where a font is missing.
Result<FontMap> load_fonts();

/// The sRGB profile that PDF/A embeds. unavailable where it is missing.
Result<std::string> load_icc_profile();

}  // namespace tocsin::report
