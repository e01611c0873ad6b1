// tags.h: the document's structure as it is drawn, remembered for the post-pass.
#pragma once

#include <cairo-pdf.h>

#include <string>
#include <vector>

namespace tocsin::report {

struct Tag {
  std::string type;    ///< Document, H1, H2, P, Table, TR, TH, TD
  std::string scope;   ///< Of a TH: Row or Column.
};

/// Opens and closes tags in the order in which the structure tree will list them. cairo marks only what is drawn inside leaf
/// tags; anything else becomes an artifact in the post-pass.
class Tags {
 public:
  explicit Tags(cairo_t* cairo) : cairo_(cairo) {}

  /// Opens its tag when made, closes it when it goes.
  class Open {
   public:
    Open(Tags& tags, std::string type, std::string scope = {}) : tags_(tags), type_(std::move(type)) {
      tags_.list_.push_back({type_, std::move(scope)});
      cairo_tag_begin(tags_.cairo_, type_.c_str(), nullptr);
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() { cairo_tag_end(tags_.cairo_, type_.c_str()); }

   private:
    Tags& tags_;
    std::string type_;
  };

  [[nodiscard]] Open open(std::string type, std::string scope = {}) { return {*this, std::move(type), std::move(scope)}; }

  const std::vector<Tag>& list() const { return list_; }

 private:
  cairo_t* cairo_;
  std::vector<Tag> list_;
};

}  // namespace tocsin::report
