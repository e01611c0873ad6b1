// collection.h: `action: global | reset | repeat`: documents of one file that share what they say.
#pragma once

#include <cstddef>

#include "daemon/sigma/language/faults.h"

namespace tocsin::sigma {

/// Walks the documents of one file in order, as pySigma does.
///
/// `global` is laid over every detection behind it, and wins where both say something; the next `global` replaces it, `reset`
/// ends it. `repeat` is laid over the document before it (which may be a `global`), and makes one more rule. Correlations and
/// filters neither take a global nor serve a `repeat`. Maps are joined key by key; all else is replaced.
class Collection {
 public:
  explicit Collection(const yaml::File& file) : file_(file) {}

  /// The rule that this document makes: itself, or a joined one that lives until the next call. Null where it only says
  /// something about others, or where `faults` say why.
  const yaml::Node* next(const yaml::Node& document, Faults& faults);

 private:
  const yaml::Node* joined(const yaml::Node& at, const yaml::Node& under, const yaml::Node& over, Faults& faults);

  const yaml::File& file_;
  yaml::Node global_, made_;
  const yaml::Node* before_ = nullptr;   ///< What `repeat` repeats: a document of the file, or one of the two above.
  bool has_global_ = false;
  std::size_t nodes_ = 0, bytes_ = 0;    ///< Made so far: a long global before many short documents must end.
};

}  // namespace tocsin::sigma
