// jurisdiction.h: the files of rules/jurisdictions, read and judged as a whole.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "tocsin/v1/jurisdiction.pb.h"

namespace tocsin::law {

/// `<folder>/<code>.yml`. bad_input names every fault: unknown keys, leaves without confidence, sources that are not listed,
/// grades, units or zones that do not exist.
Result<v1::Jurisdiction> load_jurisdiction(const std::string& folder, const std::string& code);

/// All of them, in the order of `codes`.
Result<std::vector<v1::Jurisdiction>> load_jurisdictions(const std::string& folder, const std::vector<std::string>& codes);

/// VP, VQ and VS: the law, a quotation of it or a secondary source was read. Only such a leaf may drive a clock.
bool is_verified(std::string_view confidence);

}  // namespace tocsin::law
