# embed.cmake: writes OUT, a C++ file that holds every FILES of ROOT as a raw string; called by the build.
set(rows "")
foreach(file ${FILES})
  file(RELATIVE_PATH name ${ROOT} ${file})
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE ${OUT}
"// templates.cpp: generated from notifiers/templates by embed.cmake.
#include \"notifiers/templates.h\"

#include <utility>

#include \"daemon/base/promise.h\"

namespace tocsin {
namespace {
constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
${rows}};
}  // namespace

std::string_view template_text(std::string_view path) {
  for (const auto& [name, text] : kFiles)
    if (name == path) return text;
  TOCSIN_ASSERT(path.empty() && \"a template of this path is built in\");
  return {};
}

}  // namespace tocsin
")
