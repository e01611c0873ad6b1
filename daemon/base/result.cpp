// result.cpp: the printed names of the error kinds.
#include "daemon/base/result.h"

namespace tocsin {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_input: return "bad_input";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::refused: return "refused";
  }
  return "unknown";
}

}  // namespace tocsin
