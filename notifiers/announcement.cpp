// announcement.cpp: a public page, the list of all pages and an Atom feed in a folder. The same id overwrites: class upsert.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "notifiers/makers.h"
#include "notifiers/template.h"
#include "notifiers/templates.h"
#include "notifiers/transport.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

/// What the last line of a page says about it, so that the list and the feed need no second memory.
struct Page {
  std::string id, locale, title;
  Instant created{};
};

constexpr std::string_view kMark = "<!-- tocsin-notice ";

std::string mark_of(const Page& page) {
  // URL-escaped, so that a title cannot end the comment.
  return fmt::format("{}{} {} {} {} -->\n", kMark, page.id, page.locale, micros_of(page.created), escape_url(page.title));
}

std::string unescape_url(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (auto byte = bytes_of_hex(text.substr(i + 1, 2))) { out += *byte; i += 2; continue; }
    }
    out += text[i];
  }
  return out;
}

std::optional<Page> page_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  const std::string text = bytes.str();
  const std::size_t at = text.rfind(kMark);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream words(text.substr(at + kMark.size()));
  Page page;
  std::int64_t created = 0;
  std::string title;
  if (!(words >> page.id >> page.locale >> created >> title)) return std::nullopt;
  page.created = instant_of(created);
  page.title = unescape_url(title);
  return page;
}

std::string failed(std::string_view what) { return fmt::format("{} in the announcement folder: {}", what, std::strerror(errno)); }

/// All or nothing, and durable: a reader never sees half a page, a power cut loses none that we called published.
Result<void> write_whole(const fs::path& path, std::string_view text) {
  const fs::path scratch = path.parent_path() / fmt::format(".{}.{}", path.filename().string(), ::getpid());
  const int file = ::open(scratch.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return unavailable(failed("cannot create a file"));
  std::size_t done = 0;
  bool good = true;
  while (good && done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    good = wrote > 0;
    if (good) done += static_cast<std::size_t>(wrote);
  }
  good = good && ::fsync(file) == 0;
  const std::string why = good ? "" : failed("cannot write a file");
  ::close(file);
  if (good && ::rename(scratch.c_str(), path.c_str()) == 0) {
    const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
      ::fsync(folder);
      ::close(folder);
    }
    return {};
  }
  const std::string text_of_fault = why.empty() ? failed("cannot rename a file") : why;
  ::unlink(scratch.c_str());
  return unavailable(text_of_fault);
}

class Announcement final : public Notifier {
 public:
  Announcement(std::string folder, std::string base_url, Microseconds keep, const Clock& clock)
      : folder_(std::move(folder)), base_url_(std::move(base_url)), keep_(keep), clock_(clock) {}

  DoubtClass doubt_class() const override { return DoubtClass::upsert; }

  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) override {
    if (message.html.empty()) return Refused{"an announcement needs its page"};
    if (message.html.size() > limits::kNoticeBytesMax) return Refused{"the page is larger than an announcement may be"};
    // The id becomes a file name: nothing but the digits it is made of.
    if (!id128_from_hex(message.notice_id)) return Refused{"the notice id is not 32 hex digits"};
    if (time_left(clock_, give_up_at, Microseconds::max()).count() <= 0) return TryLater{std::chrono::seconds(0), "no time was left"};
    std::error_code fault;
    fs::create_directories(folder_, fault);
    if (fault) return TryLater{std::chrono::minutes(1), "the announcement folder cannot be created: " + fault.message()};
    if (!point_of_no_return()) return TryLater{std::chrono::seconds(0), "the lease was over before the page was published"};

    const std::string name = message.notice_id + ".html";
    std::string page = message.html;
    if (page.back() != '\n') page += '\n';
    page += mark_of({message.notice_id, message.locale, message.subject, message.created});
    if (auto wrote = write_whole(folder_ / name, page); !wrote) return TryLater{std::chrono::minutes(1), std::move(wrote).error().text};
    if (auto wrote = write_lists(message.locale); !wrote) return TryLater{std::chrono::minutes(1), std::move(wrote).error().text};
    return Delivered{base_url_ + "/" + name};
  }

 private:
  /// The pages that still stand, newest first. Pages past their time go.
  std::vector<Page> standing() const {
    std::vector<Page> pages;
    std::error_code fault;
    for (const auto& entry : fs::directory_iterator(folder_, fault)) {
      if (entry.path().extension() != ".html" || entry.path().filename() == "index.html") continue;
      auto page = page_of(entry.path());
      if (!page || page->id != entry.path().stem().string()) continue;  // Not ours.
      if (clock_.now() - page->created > keep_) {
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
        continue;
      }
      pages.push_back(std::move(*page));
    }
    std::sort(pages.begin(), pages.end(), [](const Page& a, const Page& b) { return std::tie(b.created, a.id) < std::tie(a.created, b.id); });
    return pages;
  }

  Result<void> write_lists(const std::string& locale) const {
    const std::vector<Page> pages = standing();
    std::string items, entries;
    for (const Page& page : pages) {
      const std::string at = rfc3339(page.created);
      items += fmt::format("      <li><a href=\"{}.html\" lang=\"{}\">{}</a> <time datetime=\"{}\">{}</time></li>\n", page.id, escape_html(page.locale),
                           escape_html(page.title), at, at.substr(0, 10));
      const std::string address = escape_html(base_url_ + "/" + page.id + ".html");
      entries += fmt::format("  <entry>\n    <id>urn:uuid:{}-{}-{}-{}-{}</id>\n    <title xml:lang=\"{}\">{}</title>\n    <updated>{}</updated>\n"
                             "    <published>{}</published>\n    <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n    <summary xml:lang=\"{}\">{}</summary>\n  </entry>\n",
                             page.id.substr(0, 8), page.id.substr(8, 4), page.id.substr(12, 4), page.id.substr(16, 4), page.id.substr(20), escape_html(page.locale),
                             escape_html(page.title), at, at, address, escape_html(page.locale), escape_html(page.title));
    }
    const std::string feed = fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  <id>{0}/feed.xml</id>\n  <title>公告 · Public notices</title>\n"
        "  <updated>{1}</updated>\n  <author><name>{2}</name></author>\n  <link rel=\"self\" type=\"application/atom+xml\" href=\"{0}/feed.xml\"/>\n"
        "  <link rel=\"alternate\" type=\"text/html\" href=\"{0}/index.html\"/>\n{3}</feed>\n",
        escape_html(base_url_), rfc3339(pages.empty() ? Instant{} : pages.front().created), escape_html(base_url_), entries);
    TOCSIN_ASSIGN(const std::string index, fill_template(template_text("layout/index.html.mustache"), {.texts = {{"locale", locale}, {"items", items}, {"style", std::string(template_text("layout/page.css.mustache"))}}, .flags = {}, .lists = {}}, escape_html, true));
    TOCSIN_TRY(write_whole(folder_ / "index.html", index));
    return write_whole(folder_ / "feed.xml", feed);
  }

  fs::path folder_;
  std::string base_url_;
  Microseconds keep_;
  const Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_announcement(const google::protobuf::Any& any, const Surroundings& surroundings) {
  TOCSIN_ASSIGN(auto settings, settings_of<v1::settings::Announcement>(any));
  std::string base_url = settings.base_url();
  while (!base_url.empty() && base_url.back() == '/') base_url.pop_back();
  TOCSIN_TRY(check_url("base_url", base_url));
  const std::string folder = settings.folder().empty() ? surroundings.state_dir + "/announcements" : settings.folder();
  return std::make_unique<Announcement>(folder, std::move(base_url), duration_of(settings.keep(), std::chrono::hours(24 * 90)), surroundings.clock);
}

}  // namespace tocsin
