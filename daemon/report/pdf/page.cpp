// page.cpp: paragraphs, headings and tables flow over pages; rules, shades and feet are artifacts.
#include "daemon/report/pdf/page.h"

namespace tocsin::report {
namespace {

constexpr double kPad = 4;          // Between a rule and the text of a cell.
constexpr double kGap = 1.5;        // Between blocks of one cell.
constexpr double kHeadingRoom = 34, kTitlesRoom = 22;

constexpr TextStyle kHeading{.size = 11, .bold = true, .colour = kAccent};
constexpr TextStyle kColumnTitle{.size = 8, .bold = true, .colour = kGrey};
constexpr TextStyle kFoot{.size = 6.8, .bold = false, .colour = kGrey};

double height_of(const std::vector<Cell>& cells) {
  double height = 0;
  for (const Cell& cell : cells) height = std::max(height, cell.height());
  return height + 2 * kPad;
}

}  // namespace

double Cell::height() const {
  double height = 0;
  for (const Block& block : blocks) height += (height > 0 ? kGap : 0) + block.height();
  return height;
}

void Pages::line(double y, double thickness, Colour colour) {
  cairo_set_source_rgb(cairo_, colour.red, colour.green, colour.blue);
  cairo_rectangle(cairo_, kMargin, y - thickness / 2, kColumn, thickness);
  cairo_fill(cairo_);
}

void Pages::bar() {
  line(y_, 3, kAccent);
  y_ += 12;
}

Result<void> Pages::foot() {
  const double y = kPageHeight - kBottom + 16;
  line(y - 6, 0.5, kRule);
  TOCSIN_ASSIGN(const Block text, setter_.set(foot_, kFoot, kColumn - 60));
  text.draw(cairo_, kMargin, y);
  TOCSIN_ASSIGN(const Block number, setter_.set(fmt::format("{} / {}", number_, total_), {.size = 8, .bold = false, .colour = kGrey}, 60));
  number.draw(cairo_, kPageWidth - kMargin - number.width(), y);
  return {};
}

Result<void> Pages::finish() { return foot(); }

Result<void> Pages::new_page() {
  TOCSIN_TRY(foot());
  cairo_show_page(cairo_);
  ++number_;
  y_ = kTop;
  return {};
}

Result<void> Pages::make_room(double height) {
  if (y_ + height <= kPageHeight - kBottom) return {};
  return new_page();
}

Result<void> Pages::paragraph(const std::string& tag, const std::string& text, const TextStyle& style, double before, double after) {
  TOCSIN_ASSIGN(const Block block, setter_.set(text, style, kColumn));
  TOCSIN_TRY(make_room(before + block.height()));
  y_ += before;
  {
    const auto open = tags_.open(tag);
    block.draw(cairo_, kMargin, y_);
  }
  y_ += block.height() + after;
  return {};
}

double room_for(const std::vector<std::vector<Cell>>& rows) { return kTitlesRoom + (rows.empty() ? 0 : height_of(rows.front())); }

Result<void> Pages::heading(const std::string& text, double with) {
  TOCSIN_TRY(make_room(kHeadingRoom + with));
  return paragraph("H2", text, kHeading, 13, 4);
}

void Pages::draw_row(const std::vector<double>& widths, const std::vector<Cell>& cells, double height) {
  double x = kMargin;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool header = i == 0;
    const auto open = tags_.open(header ? "TH" : "TD", header ? "Row" : "");
    double y = y_ + kPad;
    for (const Block& block : cells[i].blocks) {
      block.draw(cairo_, x + kPad, y);
      y += block.height() + kGap;
    }
    x += widths[i];
  }
  y_ += height;
}

Result<void> Pages::column_titles(const std::vector<Column>& columns, bool tagged) {
  std::vector<Block> blocks;
  double height = 0;
  for (const Column& column : columns) {
    TOCSIN_ASSIGN(Block block, setter_.set(column.title, kColumnTitle, column.width - 2 * kPad));
    height = std::max(height, block.height());
    blocks.push_back(std::move(block));
  }
  height += 2 * kPad;
  cairo_set_source_rgb(cairo_, kShade.red, kShade.green, kShade.blue);
  cairo_rectangle(cairo_, kMargin, y_, kColumn, height);
  cairo_fill(cairo_);
  line(y_, 0.8, kAccent);
  std::optional<Tags::Open> row;
  if (tagged) row.emplace(tags_, "TR");
  double x = kMargin;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::optional<Tags::Open> cell;
    if (tagged) cell.emplace(tags_, "TH", "Column");
    blocks[i].draw(cairo_, x + kPad, y_ + kPad);
    x += columns[i].width;
  }
  y_ += height;
  return {};
}

Result<void> Pages::table(const std::vector<Column>& columns, std::vector<std::vector<Cell>> rows) {
  std::vector<double> widths;
  for (const Column& column : columns) widths.push_back(column.width);
  const auto table = tags_.open("Table");
  TOCSIN_TRY(column_titles(columns, true));
  for (const std::vector<Cell>& cells : rows) {
    const double height = height_of(cells);
    if (height > kPageHeight - kTop - kBottom - 40) return bad_input("a text of the report is longer than a page: shorten it");
    const int page = number_;
    TOCSIN_TRY(make_room(height));
    if (number_ != page) TOCSIN_TRY(column_titles(columns, false));
    {
      const auto row = tags_.open("TR");
      draw_row(widths, cells, height);
    }
    line(y_, 0.5, kRule);
  }
  return {};
}

Result<void> Pages::pairs(double first_width, std::vector<std::vector<Cell>> rows) {
  const auto table = tags_.open("Table");
  line(y_, 0.8, kAccent);
  for (const std::vector<Cell>& cells : rows) {
    const double height = height_of(cells);
    TOCSIN_TRY(make_room(height));
    {
      const auto row = tags_.open("TR");
      draw_row({first_width, kColumn - first_width}, cells, height);
    }
    line(y_, 0.5, kRule);
  }
  return {};
}

}  // namespace tocsin::report
