// proto_yaml.cpp: walks YAML and message side by side and collects every fault.
#include "daemon/base/proto_yaml.h"

#include <google/protobuf/any.pb.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "daemon/base/proto_scalar.h"
#include "daemon/base/settings_file.h"
#include "tocsin/v1/options.pb.h"

namespace tocsin {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;
using yaml::Node;

std::string kind_of(const Node& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  return node.is_null() ? "nothing" : fmt::format("`{}`", node.text.substr(0, 64));
}

bool is_secret(const Field& field) { return field.options().GetExtension(v1::secret); }
bool is_required(const Field& field) { return field.options().GetExtension(v1::required); }

/// A sub-message that nobody wrote is made for its defaults' sake, unless it would be incomplete.
bool made_for_defaults(const pb::Descriptor& type, std::set<const pb::Descriptor*>& above) {
  if (type.file()->package() == "google.protobuf" || !above.insert(&type).second) return false;
  bool any = false;
  for (int i = 0; i < type.field_count(); ++i) {
    const Field& field = *type.field(i);
    if (is_required(field)) return above.erase(&type), false;
    any = any || field.options().HasExtension(v1::default_text) ||
          (field.cpp_type() == Field::CPPTYPE_MESSAGE && !field.is_repeated() && made_for_defaults(*field.message_type(), above));
  }
  above.erase(&type);
  return any;
}

/// `ChannelConfig` → `tocsin/v1/settings/channels.proto`.
std::string family_file(const pb::Descriptor& type) {
  std::string name = type.name();
  if (name.ends_with("Config")) name.resize(name.size() - 6);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return fmt::format("tocsin/v1/settings/{}s.proto", name);
}

/// `KafkaMirror` → `kafka_mirror`, the word of `type:`.
std::string type_word(const pb::Descriptor& type) {
  std::string out;
  for (const char c : type.name()) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += '_';
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

class Walk {
 public:
  Walk(const yaml::File& file, const FillSettings& settings) : file_(file), settings_(settings) {
    if (settings_.folder.empty()) settings_.folder = std::filesystem::path(file.path).parent_path().string();
  }

  void map(const Node& node, pb::Message& message) { keys(node, entries_of(node), message); }

  Result<void> outcome() {
    if (faults_.empty()) return {};
    std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
      return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    std::string text;
    for (std::size_t i = 0; i < faults_.size(); ++i) {
      if (i == limits::kYamlFaultsMax) {
        text += fmt::format("\nand {} more", faults_.size() - i);
        break;
      }
      text += (i == 0 ? "" : "\n") + faults_[i].text;
    }
    return bad_input(std::move(text));
  }

 private:
  using Entries = std::vector<const yaml::Entry*>;
  struct Fault {
    yaml::Mark at;
    std::string text;
  };

  void fault(const Node& at, std::string_view message, std::string_view hint = {}) {
    faults_.push_back({at.mark, yaml::fault(file_, at, message, hint).value().text});
  }
  void fault(const Node& at, const Complaint& complaint) { fault(at, complaint.message, complaint.hint); }

  /// Of a line that holds a secret: an error must not carry it into a log.
  void fault_without_line(const Node& at, std::string_view message, std::string_view hint = {}) {
    faults_.push_back({at.mark, fmt::format("{}:{}:{}: {}{}{}", file_.path, at.mark.line, at.mark.column, message, hint.empty() ? "" : "; ", hint)});
  }

  static Entries entries_of(const Node& node) {
    Entries out;
    for (const auto& entry : node.entries) out.push_back(&entry);
    return out;
  }

  void message(const Node& node, pb::Message& out) {
    if (is_free_form(*out.GetDescriptor())) {
      if (auto complaint = set_free_form(out, node)) fault(node, fmt::format("{}, found {}", complaint->message, kind_of(node)));
      return;
    }
    // `serve:` with every line below it commented out is an empty map.
    if (!node.is_map() && !node.is_null()) return fault(node, fmt::format("expected a map, found {}", kind_of(node)));
    map(node, out);
  }

  /// The keys `entries` of the map `node`. Where the message has a typed Any, the keys it does not know are that one's.
  void keys(const Node& node, const Entries& entries, pb::Message& out) {
    const pb::Descriptor& type = *out.GetDescriptor();
    std::set<const Field*> written;
    std::map<const pb::OneofDescriptor*, const Field*> choices;
    Entries unknown;
    for (const auto* entry : entries) {
      const auto& [key, value] = *entry;
      const Field* field = type.FindFieldByName(key.text);
      const bool from_file = field == nullptr && key.text.ends_with("_file");
      if (from_file) {
        field = type.FindFieldByName(key.text.substr(0, key.text.size() - 5));
        if (field != nullptr && !is_secret(*field)) field = nullptr;
      }
      if (field == nullptr || field->options().GetExtension(v1::from_type)) {
        unknown.push_back(entry);
        continue;
      }
      if (!written.insert(field).second) {
        fault(key, fmt::format("`{0}` and `{0}_file` are both given; keep one", field->name()));
        continue;
      }
      if (const auto* choice = field->real_containing_oneof()) {
        const auto [at, first] = choices.try_emplace(choice, field);
        if (!first) {
          fault(key, fmt::format("`{}` and `{}` exclude each other; keep one", at->second->name(), field->name()));
          continue;
        }
      }
      from_file ? secret_file(value, out, *field) : value_of(value, out, *field);
    }
    typed_settings(node, std::move(unknown), out, written);
    absent(node, out, written);
  }

  void value_of(const Node& value, pb::Message& out, const Field& field) {
    if (field.is_map()) return map_field(value, out, field);
    if (field.is_repeated()) return list_field(value, out, field);
    one(value, out, field);
  }

  void list_field(const Node& value, pb::Message& out, const Field& field) {
    if (value.is_null() && !is_required(field)) return;
    if (!value.is_list()) {
      const bool scalar = value.is_scalar() && !value.is_null();
      return fault(value, fmt::format("expected a list, found {}", kind_of(value)),
                   scalar ? fmt::format("write [{}]", value.text.substr(0, 40)) : "");
    }
    if (value.items.empty() && is_required(field)) fault(value, fmt::format("`{}` needs at least one entry", field.name()));
    for (const Node& item : value.items) one(item, out, field);
  }

  void map_field(const Node& value, pb::Message& out, const Field& field) {
    if (value.is_null()) return;
    if (!value.is_map()) return fault(value, fmt::format("expected a map, found {}", kind_of(value)));
    for (const auto& [key, item] : value.entries) {
      pb::Message& entry = *out.GetReflection()->AddMessage(&out, &field);
      one(key, entry, *field.message_type()->map_key());
      one(item, entry, *field.message_type()->map_value());
    }
  }

  /// One value of a field: the field itself, an element of a list, the key or value of a map's entry.
  void one(const Node& value, pb::Message& out, const Field& field) {
    if (field.cpp_type() == Field::CPPTYPE_MESSAGE && !is_scalar_message(*field.message_type())) {
      const auto* reflection = out.GetReflection();
      return message(value, field.is_repeated() ? *reflection->AddMessage(&out, &field)
                                                : *reflection->MutableMessage(&out, &field));
    }
    if (is_secret(field) && !value.is_scalar()) {
      return fault_without_line(value, fmt::format("expected {}, found {}", expectation(field), kind_of(value)));
    }
    if (!value.is_scalar() || value.is_null()) {
      return fault(value, fmt::format("expected {}, found {}", expectation(field), kind_of(value)),
                   value.is_null() && field.type() == Field::TYPE_STRING ? "an empty text is \"\"" : "");
    }
    auto scalar = substituted(value);
    if (!scalar) return;
    if (field.options().GetExtension(v1::path)) scalar->text = resolved(scalar->text);
    if (auto complaint = set_scalar(out, field, *scalar)) fault(value, *complaint);
  }

  /// `-` is standard input wherever a path names one.
  std::string resolved(const std::string& path) const {
    if (path.empty() || path == "-" || std::filesystem::path(path).is_absolute()) return path;
    return (std::filesystem::path(settings_.folder) / path).lexically_normal().string();
  }

  /// Replaces `${env:X}`; empty after a fault.
  std::optional<ScalarText> substituted(const Node& value) {
    ScalarText out{value.text, value.quoted, kind_of(value)};
    if (!settings_.environment || value.text.find("${") == std::string::npos) return out;
    out.text.clear();
    std::string_view rest = value.text;
    for (;;) {
      const std::size_t at = rest.find("${");
      out.text += rest.substr(0, at);
      if (at == std::string_view::npos) return out;
      const Node here = inside(value, static_cast<std::size_t>(rest.data() + at - value.text.data()));
      rest.remove_prefix(at);
      if (out.text.ends_with('$')) {  // `$${` is how a text says `${`.
        out.text += '{';
        rest.remove_prefix(2);
        continue;
      }
      const std::size_t end = rest.find('}');
      if (!rest.starts_with("${env:") || end == std::string_view::npos || end == 6) {
        fault(here, "`${` begins something that is not ${env:NAME}", "write $${ for the two characters");
        return std::nullopt;
      }
      const std::string_view name = rest.substr(6, end - 6);
      auto found = settings_.environment(name);
      if (!found) {
        Node whole = here;
        whole.text = std::string(rest.substr(0, end + 1));
        fault(whole, fmt::format("environment variable `{}` is not set", name));
        return std::nullopt;
      }
      out.text += *found;
      out.shown = fmt::format("the value of ${{env:{}}}", name);
      rest.remove_prefix(end + 1);
    }
  }

  /// The place of byte `offset` of a scalar on one line; elsewhere the scalar's own place.
  Node inside(const Node& value, std::size_t offset) const {
    Node here;
    here.mark = value.mark;
    here.text = "${";
    if (value.text.find('\n') != std::string::npos) return here;
    std::uint32_t characters = value.quoted ? 1 : 0;
    for (std::size_t i = 0; i < offset; ++i) characters += (static_cast<unsigned char>(value.text[i]) & 0xC0U) != 0x80U;
    here.mark.column += characters;
    return here;
  }

  void secret_file(const Node& value, pb::Message& out, const Field& field) {
    if (!value.is_scalar() || value.is_null()) return fault(value, fmt::format("expected a path, found {}", kind_of(value)));
    const auto scalar = substituted(value);
    if (!scalar) return;
    auto read = read_file(resolved(scalar->text), limits::kSecretBytesMax);
    if (!read) return fault(value, read.error().text);
    if (read->ends_with('\n')) read->pop_back();
    if (read->ends_with('\r')) read->pop_back();
    if (read->empty()) return fault(value, "the file is empty");
    if (auto complaint = set_scalar(out, field, {std::move(*read), true, "the file's text"})) fault(value, *complaint);
  }

  void typed_settings(const Node& node, Entries unknown, pb::Message& out, const std::set<const Field*>& written) {
    const pb::Descriptor& type = *out.GetDescriptor();
    const Field* any_field = nullptr;
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->options().GetExtension(v1::from_type)) any_field = type.field(i);
    }
    if (any_field == nullptr) return unknown_keys(unknown, type, nullptr);

    const Field* word_field = type.FindFieldByName("type");
    TOCSIN_ASSERT(word_field != nullptr && any_field->message_type()->full_name() == "google.protobuf.Any");
    if (!written.contains(word_field)) return;  // `type` is missing: nothing can be said about the other keys.
    const std::string word = out.GetReflection()->GetString(out, word_field);
    if (word.empty()) return;                   // Faulty, and said so already.
    const pb::FileDescriptor* family = settings_file(family_file(type));
    TOCSIN_ASSERT(family != nullptr);
    std::vector<std::string> words;
    const pb::Descriptor* chosen = nullptr;
    for (int i = 0; i < family->message_type_count(); ++i) {
      if (!is_choice(*family, *family->message_type(i))) continue;
      words.push_back(type_word(*family->message_type(i)));
      if (words.back() == word) chosen = family->message_type(i);
    }
    if (chosen == nullptr) {
      std::sort(words.begin(), words.end());
      const Node* at = node.find("type");
      return fault(*at, fmt::format("expected one of {}, found {}", fmt::join(words, ", "), kind_of(*at)),
                   yaml::did_you_mean(word, {words.begin(), words.end()}));
    }
    unknown_keys(unknown, type, chosen);
    std::unique_ptr<pb::Message> settings(pb::MessageFactory::generated_factory()->GetPrototype(chosen)->New());
    keys(node, unknown, *settings);
    pb::Any any;
    any.PackFrom(*settings);
    TOCSIN_ASSERT(out.GetReflection()->MutableMessage(&out, any_field)->ParseFromString(any.SerializeAsString()));
  }

  /// A message that another one of its file holds (KafkaSecurity) is a part, not a choice.
  static bool is_choice(const pb::FileDescriptor& file, const pb::Descriptor& type) {
    for (int i = 0; i < file.message_type_count(); ++i) {
      for (int j = 0; j < file.message_type(i)->field_count(); ++j) {
        if (file.message_type(i)->field(j)->message_type() == &type) return false;
      }
    }
    return true;
  }

  /// Says which keys neither `type` nor `also` knows, and takes them out of the list.
  void unknown_keys(Entries& entries, const pb::Descriptor& type, const pb::Descriptor* also) {
    std::vector<std::string> known, secrets;
    for (const pb::Descriptor* each : {&type, also}) {
      for (int i = 0; each != nullptr && i < each->field_count(); ++i) {
        const Field& field = *each->field(i);
        if (field.options().GetExtension(v1::from_type)) continue;
        known.push_back(field.name());
        if (!is_secret(field)) continue;
        known.push_back(field.name() + "_file");
        secrets.push_back(fmt::format("did you mean `{}`?", field.name()));
      }
    }
    std::erase_if(entries, [&](const auto* entry) {
      const Node& key = entry->key;
      if (std::find(known.begin(), known.end(), key.text) != known.end()) return false;
      std::string hint = yaml::did_you_mean(key.text, {known.begin(), known.end()});
      if (hint.empty()) {
        std::sort(known.begin(), known.end());
        hint = fmt::format("known here: {}", fmt::join(known, ", "));
      }
      const bool secret = std::find(secrets.begin(), secrets.end(), hint) != secrets.end();
      secret ? fault_without_line(key, fmt::format("unknown key `{}`", key.text), hint) : fault(key, fmt::format("unknown key `{}`", key.text), hint);
      return true;
    });
  }

  void absent(const Node& node, pb::Message& out, const std::set<const Field*>& written) {
    const pb::Descriptor& type = *out.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const Field& field = *type.field(i);
      if (written.contains(&field)) continue;
      if (is_required(field)) fault(node, fmt::format("`{}` is missing", field.name()), fmt::format("expected {}", wanted(field)));
      if (field.is_repeated()) continue;
      if (field.options().HasExtension(v1::default_text)) {
        const std::string& text = field.options().GetExtension(v1::default_text);
        const auto complaint = set_scalar(out, field, {text, false, text});
        TOCSIN_ASSERT(!complaint);  // A default that its own field refuses is our mistake.
      } else if (field.cpp_type() == Field::CPPTYPE_MESSAGE && !field.real_containing_oneof()) {
        const auto [at, fresh] = making_.insert(&type);
        if (auto above = making_; made_for_defaults(*field.message_type(), above)) {
          absent(node, *out.GetReflection()->MutableMessage(&out, &field), {});
        }
        if (fresh) making_.erase(at);
      }
    }
  }

  static std::string wanted(const Field& field) {
    if (field.is_map()) return "a map";
    return field.is_repeated() ? "a list" : expectation(field);
  }

  const yaml::File& file_;
  FillSettings settings_;
  std::vector<Fault> faults_;
  std::set<const pb::Descriptor*> making_;   ///< A type that holds itself would be made without end.
};

}  // namespace

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<void> fill(const yaml::File& file, const Node& node, pb::Message& message, const FillSettings& settings) {
  if (!node.is_map() && !node.is_null()) return yaml::fault(file, node, fmt::format("expected a map, found {}", kind_of(node)));
  Walk walk(file, settings);
  walk.map(node, message);
  return walk.outcome();
}

Result<void> load_yaml(const std::string& path, pb::Message& message, const FillSettings& settings) {
  TOCSIN_ASSIGN(const yaml::File file, yaml::load(path));
  if (file.documents.size() > 1) return yaml::fault(file, file.documents[1], "a second document; this file holds one");
  return fill(file, file.documents.empty() ? Node{} : file.documents[0], message, settings);
}

}  // namespace tocsin
