// pages.cpp: the few pages and the announcements' files.
#include "daemon/serve/pages.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tocsin::serve {
namespace {

namespace fs = std::filesystem;

Page not_found() { return {404, "text/plain; charset=utf-8", "not found\n"}; }

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

Page readiness(const HttpPages& pages) {
  const std::vector<std::string> reasons = pages.not_ready();
  std::string list;
  for (const std::string& reason : reasons) list += (list.empty() ? "" : ",") + json_text(reason);
  return {reasons.empty() ? 200U : 503U, "application/json",
          fmt::format("{{\"ready\":{},\"not_ready\":[{}]}}\n", reasons.empty(), list)};
}

std::string_view type_of(const fs::path& file) {
  const std::string suffix = file.extension().string();
  if (suffix == ".html") return "text/html; charset=utf-8";
  if (suffix == ".xml" || suffix == ".atom") return "application/atom+xml; charset=utf-8";
  if (suffix == ".css") return "text/css; charset=utf-8";
  if (suffix == ".txt") return "text/plain; charset=utf-8";
  return {};
}

/// Only plain names, one folder level at most: nothing encoded, hidden or climbing is ever looked up.
bool plain(std::string_view path) {
  if (path.starts_with('/') || path.find("//") != std::string_view::npos) return false;
  bool start = true;
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!word && c != '/' && (c != '.' || start)) return false;
    start = c == '/';
  }
  return true;
}

Page announcement(const std::string& folder, std::string_view path) {
  if (path.empty()) path = "index.html";
  if (folder.empty() || !plain(path)) return not_found();
  fs::path file = fs::path(folder) / std::string(path);
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) file /= "index.html";
  const std::string_view type = type_of(file);
  if (type.empty() || !fs::is_regular_file(fs::symlink_status(file, ignored))) return not_found();
  std::ifstream in(file, std::ios::binary);
  if (!in) return not_found();
  std::ostringstream text;
  text << in.rdbuf();
  return {200, std::string(type), std::move(text).str()};
}

}  // namespace

Page page_of(const HttpPages& pages, std::string_view target, bool authorized) {
  const std::string_view path = target.substr(0, target.find_first_of("?#"));
  constexpr std::string_view kAnnouncements = "/announcements/";
  if (path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  if (path == "/readyz") return readiness(pages);
  if (path == "/announcements") return announcement(pages.announcements, "");
  if (path.starts_with(kAnnouncements)) return announcement(pages.announcements, path.substr(kAnnouncements.size()));
  if (path == "/metrics") {
    if (!authorized) return {401, "text/plain; charset=utf-8", "a bearer token is needed\n"};
    return {200, "text/plain; version=0.0.4; charset=utf-8", pages.metrics()};
  }
  return not_found();
}

}  // namespace tocsin::serve
