// artifacts.cpp: a content-stream filter; cairo has no tag for artifacts.
#include "daemon/report/pdf/artifacts.h"

#include <array>

namespace tocsin::report {
namespace {

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<const char*, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array kOpensPath{"m", "re"};
constexpr std::array kEndsPath{"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"};
constexpr std::array kAlone{"Do", "sh", "BI", "EI"};

class Filter final : public QPDFObjectHandle::ParserCallbacks {
 public:
  std::string content;

  void handleObject(QPDFObjectHandle object) override {
    if (!object.isOperator()) {
      operands_ += (object.isInlineImage() ? object.getInlineImageValue() : object.unparseResolved()) + " ";
      return;
    }
    const std::string word = object.getOperatorValue();
    const bool starts = depth_ == 0 && !open_ && (is_one_of(word, kOpensPath) || is_one_of(word, kAlone) || word == "BT");
    if (starts) {
      content += "/Artifact BMC\n";
      open_ = true;
    }
    if (word == "BDC" || word == "BMC") ++depth_;
    if (word == "EMC") --depth_;
    content += operands_ + word + "\n";
    operands_.clear();
    if (open_ && depth_ == 0 && (is_one_of(word, kEndsPath) || is_one_of(word, kAlone) || word == "ET")) {
      content += "EMC\n";
      open_ = false;
    }
  }

  void handleEOF() override {}

 private:
  std::string operands_;
  int depth_ = 0;
  bool open_ = false;
};

}  // namespace

std::string with_artifacts(QPDFObjectHandle page) {
  Filter filter;
  page.parsePageContents(&filter);
  return std::move(filter.content);
}

}  // namespace tocsin::report
