// xmp.h: what the file says about itself.
#pragma once

#include <string>

#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

inline constexpr const char* kProducer = "Tocsin";

/// PDF/A-3a and PDF/UA-1 identification and our own properties with their extension schema.
std::string xmp_of(const v1::Report& report, const std::string& json_hash);

}  // namespace tocsin::report
