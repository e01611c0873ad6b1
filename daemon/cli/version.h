// version.h: the version of this program.
#pragma once

namespace tocsin::cli {

#ifdef TOCSIN_VERSION
inline constexpr const char* kVersion = TOCSIN_VERSION;   // From the build: project(VERSION).
#else
inline constexpr const char* kVersion = "unknown";
#endif

}  // namespace tocsin::cli
