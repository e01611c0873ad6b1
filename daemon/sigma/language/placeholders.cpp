// placeholders.cpp: reading lists of values, and putting them into rules.
#include "daemon/sigma/language/placeholders.h"

#include <re2/re2.h>

#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

namespace fs = std::filesystem;

struct PlaceholderReader {
  Placeholders out;
  Faults faults;

  void lines(const std::string& path) {
    auto text = read_file(path, limits::kYamlBytesMax);
    if (!text) return faults.add_text(text.error().text);
    std::vector<std::string>& values = out[fs::path(path).stem().string()];
    const std::size_t before = values.size();
    for (std::string_view rest = *text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
      if (!line.empty() && line.front() != '#') values.emplace_back(line);
    }
    if (values.size() == before) faults.add_text(fmt::format("{}:1:1: no value: one a line", path));
  }

  void map(const std::string& path) {
    auto file = yaml::load(path);
    if (!file) return faults.add_text(file.error().text);
    if (file->documents.empty()) faults.add_text(fmt::format("{}:1:1: the file is empty", path));
    for (const yaml::Node& document : file->documents) {
      if (!document.is_map()) faults.add(*file, document, "placeholders are a map: name → value or list of values");
      for (const auto& [name, values] : document.entries) {
        std::vector<std::string>& into = out[name.text];
        const auto add = [&](const yaml::Node& value) {
          if (value.is_scalar() && !value.is_null()) into.push_back(value.text);
          else faults.add(*file, value, fmt::format("a value of `{}` must be a text", name.text));
        };
        if (values.is_list()) std::for_each(values.items.begin(), values.items.end(), add);
        else add(values);
        if (into.empty()) faults.add(*file, name, fmt::format("`{}` has no value", name.text));
      }
    }
  }

  void file(const std::string& path) {
    if (path.ends_with(".yml") || path.ends_with(".yaml")) map(path);
    else lines(path);
  }

  void path(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) return file(path);
    std::set<std::string> found;
    for (auto it = fs::recursive_directory_iterator(path, code); !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
      const std::string& each = it->path().native();
      const bool ours = each.ends_with(".txt") || each.ends_with(".yml") || each.ends_with(".yaml");
      if (ours && it->is_regular_file(code)) found.insert(each);
    }
    if (code) faults.add_text(fmt::format("{}: {}", path, code.message()));
    else if (found.empty()) faults.add_text(fmt::format("{}: no list of values (*.txt, *.yml, *.yaml) in this folder", path));
    for (const std::string& each : found) file(each);
  }
};

struct Piece {
  bool placeholder = false;
  std::string text;
};

/// A text between and within percent signs. `\%` is a percent sign.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> out;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') {
      plain += '%';
      ++i;
      continue;
    }
    const std::size_t end = text[i] == '%' ? text.find('%', i + 1) : std::string_view::npos;
    if (end == std::string_view::npos || end == i + 1) {
      plain += text[i];
      continue;
    }
    if (!plain.empty()) out.push_back({false, std::exchange(plain, {})});
    out.push_back({true, std::string(text.substr(i + 1, end - i - 1))});
    i = end;
  }
  if (!plain.empty()) out.push_back({false, std::move(plain)});
  return out;
}

void append(SigmaString& to, const SigmaString& more) {
  for (const SigmaString::Part& part : more.parts) {
    const bool joins = !to.parts.empty() && to.parts.back().kind == part.kind;
    if (joins && part.kind == SigmaString::Kind::literal) to.parts.back().text += part.text;
    else if (!joins || part.kind != SigmaString::Kind::any) to.parts.push_back(part);
  }
}
void append(std::string& to, const std::string& more) { to += more; }

std::size_t length_of(const SigmaString& string) {
  constexpr std::size_t kWildcard = 8;
  std::size_t out = 0;
  for (const SigmaString::Part& part : string.parts) out += part.kind == SigmaString::Kind::literal ? part.text.size() : kWildcard;
  return out;
}
std::size_t length_of(const std::string& text) { return text.size(); }

/// Texts that grow together. What they would take is looked at before it is made.
template <typename Text>
struct Ways {
  std::vector<Text> texts = std::vector<Text>(1);
  std::size_t bytes = 0;

  /// Each goes on with each of `next`.
  Result<void> go_on(const std::vector<Text>& next, const Expansion& may) {
    std::size_t added = 0;
    for (const Text& each : next) added += length_of(each);
    bytes = bytes * next.size() + added * texts.size();
    if (next.size() * texts.size() > may.texts || bytes > may.bytes) {
      return bad_input(fmt::format("its placeholders stand for more than {} values, or for more than {} bytes", limits::kRulePatternsMax, limits::kRulePatternBytesMax));
    }
    if (next.size() == 1) {
      for (Text& each : texts) append(each, next.front());
      return {};
    }
    std::vector<Text> longer;
    longer.reserve(next.size() * texts.size());
    for (const Text& head : texts) {
      for (const Text& each : next) append(longer.emplace_back(head), each);
    }
    texts = std::move(longer);
    return {};
  }
};

Result<const std::vector<std::string>*> look_up(const Placeholders& placeholders, const std::string& name, Expansion& may) {
  const auto at = placeholders.find(name);
  if (at != placeholders.end()) return &at->second;
  may.unresolved = name;
  return bad_input(fmt::format("nothing says what `%{}%` stands for", name));
}

std::string as_regex(const SigmaString& value) {
  std::string out;
  for (const SigmaString::Part& part : value.parts) {
    out += part.kind == SigmaString::Kind::any ? ".*" : part.kind == SigmaString::Kind::one ? "." : re2::RE2::QuoteMeta(part.text);
  }
  return out;
}

}  // namespace

Result<Placeholders> load_placeholders(const std::vector<std::string>& paths) {
  PlaceholderReader reader;
  for (const std::string& path : paths) reader.path(path);
  TOCSIN_TRY(reader.faults.outcome());
  return std::move(reader.out);
}

Result<std::vector<SigmaString>> expanded(const SigmaString& string, const Placeholders& placeholders, Expansion& may) {
  Ways<SigmaString> out;
  for (const SigmaString::Part& part : string.parts) {
    if (part.kind != SigmaString::Kind::literal) {
      TOCSIN_TRY(out.go_on({SigmaString{{part}}}, may));
      continue;
    }
    for (const Piece& piece : pieces_of(part.text)) {
      std::vector<SigmaString> next;
      if (piece.placeholder) {
        TOCSIN_ASSIGN(const auto* values, look_up(placeholders, piece.text, may));
        for (const std::string& value : *values) next.push_back(SigmaString::parse(value));
      } else {
        next.push_back(SigmaString::literal(piece.text));
      }
      TOCSIN_TRY(out.go_on(next, may));
    }
  }
  return std::move(out.texts);
}

Result<std::vector<std::string>> expanded_regex(std::string_view expression, const Placeholders& placeholders, Expansion& may) {
  Ways<std::string> out;
  for (const Piece& piece : pieces_of(expression)) {
    std::vector<std::string> next;
    if (piece.placeholder) {
      TOCSIN_ASSIGN(const auto* values, look_up(placeholders, piece.text, may));
      for (const std::string& value : *values) next.push_back(as_regex(SigmaString::parse(value)));
    } else {
      next.push_back(piece.text);
    }
    TOCSIN_TRY(out.go_on(next, may));
  }
  return std::move(out.texts);
}

}  // namespace tocsin::sigma
