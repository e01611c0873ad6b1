// yaml.cpp: the only file that knows libyaml.
#include "daemon/base/yaml.h"

#include <yaml.h>

#include <fstream>
#include <set>
#include <sstream>

#include "daemon/base/limits.h"

namespace tocsin::yaml {
namespace {

Mark mark_of(const yaml_mark_t& at) {
  return {static_cast<std::uint32_t>(at.line + 1), static_cast<std::uint32_t>(at.column + 1)};
}

/// Turns libyaml's node table into our tree; an alias is expanded each time it is used, and the count is bounded.
class Tree {
 public:
  Tree(const File& file, yaml_document_t& document) : file_(file), document_(document) {}

  Result<Node> node(int index, std::size_t depth) {
    const yaml_node_t* raw = yaml_document_get_node(&document_, index);
    Node out;
    out.mark = mark_of(raw->start_mark);
    if (depth > limits::kYamlDepthMax) return fault(file_, out, fmt::format("nested deeper than {}", limits::kYamlDepthMax));
    if (++count_ > limits::kYamlNodesMax) {
      return fault(file_, out, fmt::format("more than {} nodes (aliases count as what they expand to)", limits::kYamlNodesMax));
    }
    switch (raw->type) {
      case YAML_SCALAR_NODE:
        out.text.assign(reinterpret_cast<const char*>(raw->data.scalar.value), raw->data.scalar.length);
        out.quoted = raw->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return out;
      case YAML_SEQUENCE_NODE: return list(*raw, std::move(out), depth);
      case YAML_MAPPING_NODE: return map(*raw, std::move(out), depth);
      case YAML_NO_NODE: break;
    }
    return fault(file_, out, "empty node");
  }

 private:
  Result<Node> list(const yaml_node_t& raw, Node out, std::size_t depth) {
    out.kind = Node::Kind::list;
    for (auto* item = raw.data.sequence.items.start; item < raw.data.sequence.items.top; ++item) {
      TOCSIN_ASSIGN(Node child, node(*item, depth + 1));
      out.items.push_back(std::move(child));
    }
    return out;
  }

  Result<Node> map(const yaml_node_t& raw, Node out, std::size_t depth) {
    out.kind = Node::Kind::map;
    std::set<std::string> seen;
    for (auto* pair = raw.data.mapping.pairs.start; pair < raw.data.mapping.pairs.top; ++pair) {
      TOCSIN_ASSIGN(Node key, node(pair->key, depth + 1));
      if (!key.is_scalar()) return fault(file_, key, "a key must be a plain text");
      if (!seen.insert(key.text).second) return fault(file_, key, fmt::format("key `{}` is written twice", key.text));
      TOCSIN_ASSIGN(Node value, node(pair->value, depth + 1));
      out.entries.emplace_back(std::move(key), std::move(value));
    }
    return out;
  }

  const File& file_;
  yaml_document_t& document_;
  std::size_t count_ = 0;
};

/// Walks the events once before anything is built: libyaml's time grows with the square of the nesting, so that a file of
/// 900,000 `[` must be stopped while it is read. Syntax faults are left to the second reading, which words them.
Result<void> check_depth(const File& file, yaml_parser_t& parser) {
  for (std::size_t depth = 0;;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) return {};
    const yaml_event_type_t type = event.type;
    const Mark mark = mark_of(event.start_mark);
    yaml_event_delete(&event);
    if (type == YAML_STREAM_END_EVENT) return {};
    if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT) --depth;
    if (type != YAML_SEQUENCE_START_EVENT && type != YAML_MAPPING_START_EVENT) continue;
    if (++depth > limits::kYamlDepthMax + 1) {
      return bad_input(caret(file, mark, 1, fmt::format("nested deeper than {}", limits::kYamlDepthMax)));
    }
  }
}

Result<void> read_documents(yaml_parser_t& parser, File& file) {
  for (;;) {
    yaml_document_t document;
    if (yaml_parser_load(&parser, &document) == 0) {
      const Mark mark = mark_of(parser.problem_mark);
      const std::string context = parser.context != nullptr ? fmt::format(" {}", parser.context) : "";
      return bad_input(caret(file, mark, 1, fmt::format("not YAML: {}{}", parser.problem ? parser.problem : "?", context)));
    }
    if (yaml_document_get_root_node(&document) == nullptr) {
      yaml_document_delete(&document);
      return {};
    }
    Result<Node> root = Tree(file, document).node(1, 0);
    yaml_document_delete(&document);
    if (!root) return Failure(std::move(root).error());
    file.documents.push_back(std::move(*root));
  }
}

std::string_view line_of(const File& file, std::uint32_t number) {
  std::string_view rest = file.text;
  for (std::uint32_t i = 1; i < number; ++i) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
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
  File file{std::move(path), std::move(text), {}};
  if (file.text.size() > limits::kYamlBytesMax) {
    return bad_input(fmt::format("{}:1:1: {} bytes; at most {} are read", file.path, file.text.size(), limits::kYamlBytesMax));
  }
  const auto reading = [&file](const auto& read) -> Result<void> {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) return unavailable("out of memory for the YAML reader");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(file.text.data()), file.text.size());
    auto done = read(parser);
    yaml_parser_delete(&parser);
    return done;
  };
  auto read = reading([&](yaml_parser_t& parser) { return check_depth(file, parser); });
  if (read) read = reading([&](yaml_parser_t& parser) { return read_documents(parser, file); });
  if (!read) return Failure(std::move(read).error());
  return file;
}

Result<File> load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return bad_input(fmt::format("{}: cannot be read", path));
  std::ostringstream text;
  text << in.rdbuf();
  return parse(path, std::move(text).str());
}

std::string caret(const File& file, Mark mark, std::size_t width, std::string_view message, std::string_view hint) {
  std::string out = fmt::format("{}:{}:{}: {}", file.path, mark.line, mark.column, message);
  const std::string_view line = line_of(file, mark.line);
  const std::string gutter = fmt::format("{}", mark.line);
  out += fmt::format("\n  {} | {}", gutter, line.substr(0, 200));
  out += fmt::format("\n  {} | ", std::string(gutter.size(), ' '));
  // Blanks up to the mark, so that the caret stands below its character: tabs stay tabs, and Chinese is two cells wide.
  for (std::size_t i = 0, seen = 1; i < line.size() && seen < mark.column; ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if ((byte & 0xC0U) == 0x80U) continue;
    out += byte == '\t' ? "\t" : byte >= 0xE3 && byte != 0xEE ? "  " : " ";
    ++seen;
  }
  out += std::string(std::clamp<std::size_t>(width, 1, 80), '^');
  if (!hint.empty()) out += fmt::format(" {}", hint);
  return out;
}

Failure fault(const File& file, const Node& at, std::string_view message, std::string_view hint) {
  const std::size_t width = at.is_scalar() ? at.text.size() + (at.quoted ? 2 : 0) : 1;
  const std::size_t line = line_of(file, at.mark.line).size() + 1;
  return bad_input(caret(file, at.mark, std::min(width, line > at.mark.column ? line - at.mark.column : 1), message, hint));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t least = word.size() / 3 + 2;
  for (const std::string_view candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best.empty() ? "" : fmt::format("did you mean `{}`?", best);
}

}  // namespace tocsin::yaml
