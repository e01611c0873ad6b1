// yaml.cpp: the only file that knows libyaml.
#include "daemon/base/yaml.h"

#include <yaml.h>

#include <map>
#include <unordered_set>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"

namespace tocsin::yaml {
namespace {

Mark mark_of(const yaml_mark_t& at) {
  return {static_cast<std::uint32_t>(at.line + 1), static_cast<std::uint32_t>(at.column + 1)};
}

/// Builds trees from libyaml's events in one pass. Depth is bounded while it reads, since libyaml's time grows with the square
/// of the nesting. An alias is expanded each time it is used, and what comes of it is bounded in nodes and in bytes.
class Reader {
 public:
  Reader(File& file, yaml_parser_t& parser) : file_(file), parser_(parser) {}

  Result<void> read() {
    for (;;) {
      TOCSIN_TRY(next());
      if (event_.type == YAML_STREAM_END_EVENT) return {};
      if (event_.type != YAML_DOCUMENT_START_EVENT) continue;
      anchors_.clear();
      kept_nodes_ = kept_bytes_ = 0;
      all_ += std::exchange(count_, 0);
      TOCSIN_TRY(next());
      Node root;
      root.mark = mark_of(event_.start_mark);
      if (file_.documents.size() == limits::kYamlDocumentsMax) {
        return fault(file_, root, fmt::format("more than {} documents in one file", limits::kYamlDocumentsMax));
      }
      TOCSIN_TRY(node(root, 0));
      file_.documents.push_back(std::move(root));
    }
  }

  ~Reader() { yaml_event_delete(&event_); }

 private:
  /// What an anchor names: a copy, and how much of the bounds each use of it costs.
  struct Anchored {
    Node node;
    std::size_t nodes = 0, bytes = 0, depth = 0;
    bool whole = false;
  };

  Result<void> next() {
    yaml_event_delete(&event_);
    event_ = {};
    if (yaml_parser_parse(&parser_, &event_) != 0) return {};
    const std::string context = parser_.context != nullptr ? fmt::format(" {}", parser_.context) : "";
    return bad_input(caret(file_, mark_of(parser_.problem_mark), 1, fmt::format("not YAML: {}{}", parser_.problem ? parser_.problem : "?", context)));
  }

  static std::string_view text_of(const yaml_char_t* text) { return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text); }

  /// Reads the node that the current event begins.
  Result<void> node(Node& out, std::size_t depth) {
    out.mark = mark_of(event_.start_mark);
    deepest_ = std::max(deepest_, depth);
    if (depth > limits::kYamlDepthMax) return too_deep(out);
    if (event_.type == YAML_ALIAS_EVENT) return alias(out, depth);
    TOCSIN_TRY(take(out, 1, 0));
    std::string anchor;
    std::string_view tag;
    switch (event_.type) {
      case YAML_SCALAR_EVENT: anchor = text_of(event_.data.scalar.anchor), tag = text_of(event_.data.scalar.tag); break;
      case YAML_SEQUENCE_START_EVENT: anchor = text_of(event_.data.sequence_start.anchor), tag = text_of(event_.data.sequence_start.tag); break;
      case YAML_MAPPING_START_EVENT: anchor = text_of(event_.data.mapping_start.anchor), tag = text_of(event_.data.mapping_start.tag); break;
      default: return fault(file_, out, "not YAML: a node is missing");
    }
    if (!tag.empty() && tag != "!" && tag != YAML_STR_TAG && tag != YAML_SEQ_TAG && tag != YAML_MAP_TAG) {
      return fault(file_, out, fmt::format("the tag `{}` is not read", tag.substr(0, 100)), "write the value plain, or in quotes where it is a text");
    }
    const bool text = tag == "!" || tag == YAML_STR_TAG;
    if (anchor.empty()) return content(out, depth, text);
    if (anchors_.contains(anchor)) return fault(file_, out, fmt::format("not YAML: found duplicate anchor `{}`", anchor));
    anchors_[anchor];
    const std::size_t nodes = count_ - 1, bytes = bytes_, deepest = std::exchange(deepest_, depth);
    TOCSIN_TRY(content(out, depth, text));
    // The copy counts: each anchor around it would else copy it once more for nothing.
    kept_nodes_ += count_ - nodes;
    kept_bytes_ += bytes_ - bytes;
    TOCSIN_TRY(take(out, 0, 0));
    anchors_[anchor] = {out, count_ - nodes, bytes_ - bytes, deepest_ - depth, true};
    deepest_ = std::max(deepest, deepest_);
    return {};
  }

  Result<void> content(Node& out, std::size_t depth, bool text) {
    if (event_.type == YAML_SCALAR_EVENT) {
      out.text.assign(reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length);
      out.quoted = text || event_.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
      return take(out, 0, out.text.size());
    }
    return event_.type == YAML_SEQUENCE_START_EVENT ? list(out, depth) : map(out, depth);
  }

  Result<void> list(Node& out, std::size_t depth) {
    out.kind = Node::Kind::list;
    for (;;) {
      TOCSIN_TRY(next());
      if (event_.type == YAML_SEQUENCE_END_EVENT) return {};
      TOCSIN_TRY(node(out.items.emplace_back(), depth + 1));
    }
  }

  Result<void> map(Node& out, std::size_t depth) {
    constexpr std::size_t kFew = 16;   // Up to here, looking at each is faster than a set.
    out.kind = Node::Kind::map;
    out.entries.reserve(depth == 0 ? kFew : 4);
    std::unordered_set<std::string> seen;
    for (;;) {
      TOCSIN_TRY(next());
      if (event_.type == YAML_MAPPING_END_EVENT) return {};
      Node key;
      TOCSIN_TRY(node(key, depth + 1));
      if (!key.is_scalar()) return fault(file_, key, "a key must be a plain text");
      const std::size_t n = out.entries.size();
      if (n == kFew) {
        for (const Entry& entry : out.entries) seen.insert(entry.key.text);
      }
      if (n < kFew ? out.find(key.text) != nullptr : !seen.insert(key.text).second) {
        return fault(file_, key, fmt::format("key `{}` is written twice", key.text));
      }
      TOCSIN_TRY(next());
      Entry& entry = out.entries.emplace_back();
      entry.key = std::move(key);
      TOCSIN_TRY(node(entry.value, depth + 1));
    }
  }

  Result<void> alias(Node& out, std::size_t depth) {
    const std::string_view name = text_of(event_.data.alias.anchor);
    const auto at = anchors_.find(name);
    if (at == anchors_.end()) return fault(file_, out, fmt::format("not YAML: found undefined alias `{}`", name));
    const Anchored& named = at->second;
    if (!named.whole || depth + named.depth > limits::kYamlDepthMax) return too_deep(out);
    TOCSIN_TRY(take(out, named.nodes, named.bytes));
    deepest_ = std::max(deepest_, depth + named.depth);
    out = named.node;
    return {};
  }

  Failure too_deep(const Node& at) const {
    return bad_input(caret(file_, at.mark, 1, fmt::format("nested deeper than {}", limits::kYamlDepthMax)));
  }

  Result<void> take(const Node& at, std::size_t nodes, std::size_t bytes) {
    count_ += nodes;
    bytes_ += bytes;
    if (count_ + kept_nodes_ > limits::kYamlNodesMax) {
      return fault(file_, at, fmt::format("more than {} nodes (aliases count as what they expand to)", limits::kYamlNodesMax));
    }
    if (all_ + count_ > limits::kYamlFileNodesMax) {
      return fault(file_, at, fmt::format("more than {} nodes in one file", limits::kYamlFileNodesMax));
    }
    if (bytes_ + kept_bytes_ > limits::kYamlBytesMax) {
      return fault(file_, at, fmt::format("more than {} bytes (aliases count as what they expand to)", limits::kYamlBytesMax));
    }
    return {};
  }

  File& file_;
  yaml_parser_t& parser_;
  yaml_event_t event_{};
  std::map<std::string, Anchored, std::less<>> anchors_;
  std::size_t count_ = 0, all_ = 0;   ///< Nodes of this document, and of those before it.
  std::size_t bytes_ = 0;
  std::size_t kept_nodes_ = 0, kept_bytes_ = 0;   ///< What the anchors of this document hold.
  std::size_t deepest_ = 0;   ///< Since the innermost anchor began.
};

std::string_view line_of(const File& file, std::uint32_t number) {
  if (number > file.lines.size()) return {};
  std::string_view line = std::string_view(file.text).substr(file.lines[number - 1]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Of a long line, what stands around the mark: a file of one line would else come back as a whole with every fault.
Place place_at(const File& file, Mark mark, std::size_t width) {
  constexpr std::size_t kShownBytes = 200, kShownBefore = 100;
  std::string_view line = line_of(file, mark.line);
  std::size_t begin = 0, seen = 1;   // Bytes, characters.
  while (begin < line.size() && seen < mark.column) {
    ++begin;
    if (begin == line.size() || !is_inside_character(line[begin])) ++seen;
  }
  std::size_t from = begin < kShownBytes ? 0 : begin - kShownBefore;
  while (from > 0 && is_inside_character(line[from])) --from;
  std::size_t end = std::min(line.size(), from + kShownBytes);
  while (end > from && end < line.size() && is_inside_character(line[end])) --end;
  const std::string_view before = line.substr(from, begin - from);
  const auto characters = std::count_if(before.begin(), before.end(), [](char c) { return !is_inside_character(c); });
  return {mark, width, (from > 0 ? "…" : "") + std::string(line.substr(from, end - from)), static_cast<std::size_t>(characters) + (from > 0 ? 1 : 0)};
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t up = row[j];
      row[j] = std::min({up + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = up;
    }
  }
  return row[b.size()];
}

}  // namespace

bool Node::is_null() const {
  return is_scalar() && !quoted && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

Result<File> parse(std::string path, std::string text) {
  File file{std::move(path), std::move(text), {}, {0}};
  if (file.text.size() > limits::kYamlBytesMax) {
    return bad_input(fmt::format("{}:1:1: {} bytes; at most {} are read", file.path, file.text.size(), limits::kYamlBytesMax));
  }
  for (auto at = file.text.find('\n'); at != std::string::npos; at = file.text.find('\n', at + 1)) file.lines.push_back(at + 1);
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) return unavailable("out of memory for the YAML reader");
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(file.text.data()), file.text.size());
  auto read = Reader(file, parser).read();
  yaml_parser_delete(&parser);
  if (!read) return Failure(std::move(read).error());
  return file;
}

Result<File> load(const std::string& path) {
  TOCSIN_ASSIGN(std::string text, read_file(path, limits::kYamlBytesMax));
  return parse(path, std::move(text));
}

std::string caret(const File& file, Mark mark, std::size_t width, std::string_view message, std::string_view hint) {
  return caret(file.path, place_at(file, mark, width), message, hint);
}

std::string caret(std::string_view path, const Place& place, std::string_view message, std::string_view hint) {
  const std::string gutter = fmt::format("{}", place.mark.line);
  std::string out = fmt::format("{}:{}:{}: {}\n  {} | {}\n  {} | ", path, place.mark.line, place.mark.column, message, gutter, place.line,
                                std::string(gutter.size(), ' '));
  // Blanks up to the mark, so that the caret stands below its character: tabs stay tabs, and Chinese is two cells wide.
  for (std::size_t i = 0, seen = 0; i < place.line.size() && seen < place.before; ++i) {
    const auto byte = static_cast<unsigned char>(place.line[i]);
    if (is_inside_character(place.line[i])) continue;
    out += byte == '\t' ? "\t" : byte >= 0xE3 && byte != 0xEE ? "  " : " ";
    ++seen;
  }
  out += std::string(std::clamp<std::size_t>(place.width, 1, 80), '^');
  if (!hint.empty()) out += fmt::format(" {}", hint);
  return out;
}

Place place_of(const File& file, const Node& at) {
  const std::size_t width = at.is_scalar() ? at.text.size() + (at.quoted ? 2 : 0) : 1;
  const std::size_t line = line_of(file, at.mark.line).size() + 1;
  return place_at(file, at.mark, std::min(width, line > at.mark.column ? line - at.mark.column : 1));
}

Failure fault(const File& file, const Node& at, std::string_view message, std::string_view hint) {
  return bad_input(caret(file.path, place_of(file, at), message, hint));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongest = 64;   // Nobody mistypes a longer one by hand, and the distance takes their product.
  if (word.size() > kLongest) return "";
  std::string_view best;
  std::size_t least = word.size() / 3 + 2;
  for (const std::string_view candidate : known) {
    if (candidate.size() + least <= word.size() || word.size() + least <= candidate.size()) continue;
    const std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best.empty() ? "" : fmt::format("did you mean `{}`?", best);
}

}  // namespace tocsin::yaml
