// draw.cpp: title, reference, deadlines, items and legend of a regulator report.
#include "daemon/report/pdf/draw.h"

#include "daemon/report/dates.h"
#include "daemon/report/pdf/page.h"
#include "daemon/report/printed.h"
#include "daemon/report/words.h"

namespace tocsin::report {
namespace {

constexpr TextStyle kTitle{.size = 18, .bold = true, .colour = kAccent, .line_spacing = 1.15};
constexpr TextStyle kUnderTitle{.size = 10, .bold = false, .colour = kGrey};
constexpr TextStyle kText{.size = 9, .bold = false, .colour = kInk};
constexpr TextStyle kStrong{.size = 9, .bold = true, .colour = kInk};
constexpr TextStyle kSmall{.size = 7.5, .bold = false, .colour = kGrey};
constexpr double kPadding = 8, kTextRoom = 50;

constexpr Colour kGreen{0.05, 0.37, 0.18}, kAmber{0.52, 0.33, 0.0}, kRed{0.62, 0.11, 0.10};

Colour colour_of(v1::Certainty certainty) {
  if (certainty == v1::KNOWN) return kGreen;
  if (certainty == v1::ESTIMATED) return kAmber;
  return certainty == v1::NOT_APPLICABLE ? kGrey : kRed;
}

Colour colour_of(const std::string& status) {
  if (status == "due" || status == "no_fixed_limit") return kInk;
  return status == "exempt" ? kGrey : kRed;
}

/// One row tells several addressees of the same duty.
bool is_same_but_addressee(v1::Obligation one, v1::Obligation other) {
  one.clear_addressee();
  other.clear_addressee();
  return one.SerializeAsString() == other.SerializeAsString();
}

/// One text of a cell and how it is set.
struct Line {
  std::string text;
  TextStyle style;
};

class Writer {
 public:
  Writer(Pages& pages, const TextSetter& setter, const v1::Report& report)
      : pages_(pages), setter_(setter), report_(report), language_(language_of(report)) {}

  Result<void> write(Tags& tags) {
    const auto document = tags.open("Document");
    TOCSIN_TRY(head());
    TOCSIN_TRY(deadlines());
    for (const v1::ReportSection& section : report_.sections()) TOCSIN_TRY(items(section));
    return closing();
  }

 private:
  std::string say(std::string_view key) const { return words(key, language_); }
  std::string date(const google::protobuf::Timestamp& at) const { return date_text(at, report_.time_zone(), language_); }

  Result<Cell> cell(double width, const std::vector<Line>& lines) const {
    Cell cell;
    for (const Line& line : lines) {
      if (line.text.empty()) continue;
      TOCSIN_ASSIGN(Block block, setter_.set(line.text, line.style, width - kPadding));
      cell.blocks.push_back(std::move(block));
    }
    return cell;
  }

  Result<std::vector<Cell>> row(const std::vector<Column>& columns, const std::vector<std::vector<Line>>& texts) const {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      TOCSIN_ASSIGN(Cell made, cell(columns[i].width, texts[i]));
      cells.push_back(std::move(made));
    }
    return cells;
  }

  Result<void> head() {
    pages_.bar();
    TOCSIN_TRY(pages_.paragraph("H1", report_.title(), kTitle, 0, 2));
    TOCSIN_TRY(pages_.paragraph("P", fmt::format("{} · {}", say("jurisdiction." + report_.jurisdiction()), say("phase." + report_.phase())), kUnderTitle, 0, 10));
    const std::vector<Column> columns{{kColumn * 0.27, ""}, {kColumn * 0.73, ""}};
    std::vector<std::vector<Cell>> rows;
    for (const auto& [key, text] : std::vector<std::pair<std::string, std::string>>{
             {"report_id", report_.report_id()},
             {"incident_id", report_.incident_id()},
             {"jurisdiction", say("jurisdiction." + report_.jurisdiction())},
             {"phase", say("phase." + report_.phase())},
             {"drawn_up_at", date(report_.drawn_up_at())},
             {"time_zone", report_.time_zone()},
             {"language", say("language." + report_.language())},
             {"tenant", report_.tenant()}}) {
      if (text.empty()) continue;
      TOCSIN_ASSIGN(auto cells, row(columns, {{{say("reference." + key), kStrong}}, {{text, kText}}}));
      rows.push_back(std::move(cells));
    }
    return pages_.pairs(columns[0].width, std::move(rows));
  }

  Result<void> deadlines() {
    if (report_.obligations().empty()) {
      TOCSIN_TRY(pages_.heading(say("heading.deadlines"), kTextRoom));
      return pages_.paragraph("P", say("text.duties_none"), kText, 0, 0);
    }
    const std::vector<Column> columns{{kColumn * 0.40, say("column.duty")}, {kColumn * 0.22, say("column.clock")},
                                      {kColumn * 0.17, say("column.limit")}, {kColumn * 0.21, say("column.due")}};
    std::vector<std::vector<Cell>> rows;
    for (int i = 0; i < report_.obligations_size(); ++i) {
      const v1::Obligation& duty = report_.obligations(i);
      std::string addressees = say("addressee." + duty.addressee());
      while (i + 1 < report_.obligations_size() && is_same_but_addressee(duty, report_.obligations(i + 1)))
        addressees += (language_ == Language::zh ? "、" : ", ") + say("addressee." + report_.obligations(++i).addressee());
      const std::string clock = duty.clock_event().empty() ? "—" : say("clock." + duty.clock_event());
      const std::string due = duty.has_due_at() ? date(duty.due_at()) : std::string();
      TextStyle status = due.empty() ? kStrong : kSmall;
      status.colour = colour_of(duty.status());
      const std::string reviewed = fmt::format("{}{}{}", say("text.checked"), language_ == Language::zh ? "：" : " ", say("confidence." + duty.confidence()));
      TOCSIN_ASSIGN(auto cells, row(columns, {{{duty.title(), kStrong},
                                               {addressees, kText},
                                               {duty.source(), kSmall},
                                               {reviewed, kSmall},
                                               {duty.reason(), kSmall}},
                                              {{clock, kText}, {duty.has_clock_at() ? date(duty.clock_at()) : "", kSmall}},
                                              {{duty.time_limit(), kText}},
                                              {{due, kStrong}, {say("status." + duty.status()), status}}}));
      rows.push_back(std::move(cells));
    }
    TOCSIN_TRY(pages_.heading(say("heading.deadlines"), room_for(rows)));
    return pages_.table(columns, std::move(rows));
  }

  Result<void> items(const v1::ReportSection& section) {
    const std::vector<Column> columns{{kColumn * 0.24, say("column.item")}, {kColumn * 0.40, say("column.content")},
                                      {kColumn * 0.145, say("column.certainty")}, {kColumn * 0.215, say("column.basis")}};
    std::vector<std::vector<Cell>> rows;
    for (const v1::ReportItem& item : section.items()) {
      TextStyle mark = kText;
      mark.colour = colour_of(item.certainty());
      TOCSIN_ASSIGN(auto cells, row(columns, {{{item.label(), kStrong}},
                                              {{item.value().empty() ? "—" : item.value(), kText}},
                                              {{certainty_text(item.certainty(), language_), mark}},
                                              {{item.source(), kSmall}}}));
      rows.push_back(std::move(cells));
    }
    TOCSIN_TRY(pages_.heading(section.title(), room_for(rows)));
    return pages_.table(columns, std::move(rows));
  }

  Result<void> closing() {
    TOCSIN_TRY(pages_.heading(say("heading.closing"), kTextRoom));
    for (const std::string_view key : {"text.legend", "text.privacy", "text.machine"}) TOCSIN_TRY(pages_.paragraph("P", say(key), kText, 0, 3));
    return {};
  }

  Pages& pages_;
  const TextSetter& setter_;
  const v1::Report& report_;
  Language language_;
};

cairo_status_t append(void* closure, const unsigned char* bytes, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), length);
  return CAIRO_STATUS_SUCCESS;
}

struct Once {
  Drawing drawing;
  int pages = 0;
};

Result<Once> draw_once(const v1::Report& report, const std::string& foot, const TextSetter& setter, int total) {
  Once once;
  cairo_surface_t* surface = cairo_pdf_surface_create_for_stream(append, &once.drawing.pdf, kPageWidth, kPageHeight);
  cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
  const std::string created = rfc3339(instant_of(report.drawn_up_at().seconds() * 1'000'000));
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created.c_str());
  cairo_t* cairo = cairo_create(surface);
  Result<void> written;
  {
    Tags tags(cairo);
    Pages pages(cairo, tags, setter, foot, total);
    written = Writer(pages, setter, report).write(tags);
    if (written) written = pages.finish();
    once.pages = pages.count();
    once.drawing.tags = tags.list();
  }
  cairo_show_page(cairo);
  cairo_surface_finish(surface);   // Faults of the tags show only now.
  const cairo_status_t status = cairo_status(cairo) != CAIRO_STATUS_SUCCESS ? cairo_status(cairo) : cairo_surface_status(surface);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  TOCSIN_TRY(written);
  if (status != CAIRO_STATUS_SUCCESS) return unavailable(fmt::format("cairo could not write the pages: {}", cairo_status_to_string(status)));
  return once;
}

}  // namespace

Result<Drawing> draw(const v1::Report& report, const std::string& json_hash) {
  TOCSIN_ASSIGN(const FontMap fonts, load_fonts());
  const TextSetter setter(fonts.get(), report.language());
  const std::string foot = fmt::format("{} {}\nSHA-256 {}", words("reference.report_id", language_of(report)), report.report_id(), json_hash);
  TOCSIN_ASSIGN(const Once first, draw_once(report, foot, setter, 0));
  TOCSIN_ASSIGN(Once second, draw_once(report, foot, setter, first.pages));
  return std::move(second.drawing);
}

}  // namespace tocsin::report
