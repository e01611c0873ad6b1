// page.h: one column of a page: where the next thing goes, and when a new page begins.
#pragma once

#include <cairo-pdf.h>

#include <functional>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/report/pdf/tags.h"
#include "daemon/report/pdf/text.h"

namespace tocsin::report {

inline constexpr double kPageWidth = 595.276, kPageHeight = 841.89;   // A4 in points.
inline constexpr double kMargin = 54, kTop = 56, kBottom = 62;
inline constexpr double kColumn = kPageWidth - 2 * kMargin;

inline constexpr Colour kInk{0.10, 0.11, 0.13}, kGrey{0.36, 0.38, 0.42}, kAccent{0.06, 0.22, 0.42}, kRule{0.72, 0.75, 0.79}, kShade{0.935, 0.945, 0.957};

/// A cell: blocks below one another.
struct Cell {
  std::vector<Block> blocks;
  double height() const;
};

/// A table's column titles and first row, which a heading must not leave behind.
double room_for(const std::vector<std::vector<Cell>>& rows);

struct Column {
  double width = 0;
  std::string title;
};

/// Draws downwards. `total` pages must be known for the foot, so a document is drawn twice.
class Pages {
 public:
  Pages(cairo_t* cairo, Tags& tags, const TextSetter& setter, std::string foot, int total)
      : cairo_(cairo), tags_(tags), setter_(setter), foot_(std::move(foot)), total_(total) {}

  Result<void> paragraph(const std::string& tag, const std::string& text, const TextStyle& style, double before, double after);
  /// Stands on the same page as what follows it, whose height is `with` (of a table: see room_for).
  Result<void> heading(const std::string& text, double with);
  /// A ruled table with a row of column titles, which is drawn again on every further page (there as an artifact).
  Result<void> table(const std::vector<Column>& columns, std::vector<std::vector<Cell>> rows);
  /// Two cells a row, without column titles: the first is the row's header.
  Result<void> pairs(double first_width, std::vector<std::vector<Cell>> rows);
  void bar();               ///< The coloured line above the title.
  Result<void> finish();    ///< Draws the last foot.
  int count() const { return number_; }

 private:
  Result<void> new_page();
  Result<void> foot();
  Result<void> make_room(double height);
  Result<void> column_titles(const std::vector<Column>& columns, bool tagged);
  void draw_row(const std::vector<double>& widths, const std::vector<Cell>& cells, double height);
  void line(double y, double thickness, Colour colour);

  cairo_t* cairo_;
  Tags& tags_;
  const TextSetter& setter_;
  std::string foot_;
  int total_;
  int number_ = 1;
  double y_ = kTop;
};

}  // namespace tocsin::report
