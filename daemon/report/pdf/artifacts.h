// artifacts.h: what carries no meaning is marked so, for readers that speak.
#pragma once

#include <string>

#include "daemon/report/pdf/qpdf.h"

namespace tocsin::report {

/// The page's content with everything outside of marked content wrapped as an artifact.
std::string with_artifacts(QPDFObjectHandle page);

}  // namespace tocsin::report
