// parse_kinds.cpp: first_seen, absence and baseline in the `tocsin:` map.
#include <charconv>

#include "daemon/base/limits.h"
#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma {
namespace {

using Measure = Baseline::Measure;

struct KindReader {
  const yaml::File& file;
  const yaml::Node& map;
  FieldTable& fields;
  Correlation& out;
  Faults& faults;

  std::vector<std::string> named(std::string_view key, bool needed, std::string_view why) {
    const yaml::Node* node = map.find(key);
    std::vector<std::string> names = read_fields(file, node, key, faults);
    if (needed && names.empty()) faults.add(file, node ? *node : map, fmt::format("`{}` is missing: {}", key, why));
    for (const std::string& name : names) {
      if (name == "subjects.id") faults.add(file, *node, "clear identifiers of people end in the decoder", "write `subjects.ref`, their keyed hash");
      else fields.intern(name);
      if (std::count(names.begin(), names.end(), name) > 1) faults.add(file, *node, fmt::format("`{}` stands twice in `{}`", name, key));
    }
    return names;
  }

  Microseconds duration(std::string_view key, std::string_view why) {
    const yaml::Node* node = map.find(key);
    if (node == nullptr) {
      faults.add(file, map, fmt::format("`{}` is missing: {}", key, why));
      return std::chrono::hours(1);
    }
    const Microseconds read = read_duration(file, *node, faults);
    if (read <= limits::kTimespanMax) return read > Microseconds{} ? read : std::chrono::hours(1);
    faults.add(file, *node, "at most ten years: all within it must be remembered");
    return std::chrono::hours(1);
  }

  double number(std::string_view key, std::string_view why) {
    const yaml::Node* node = map.find(key);
    if (node == nullptr) {
      faults.add(file, map, fmt::format("`{}` is missing: {}", key, why));
      return 0;
    }
    double read = 0;
    const std::string& text = node->text;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), read, std::chars_format::fixed);
    if (node->is_scalar() && code == std::errc() && end == text.data() + text.size() && read > 0) return read;
    faults.add(file, *node, fmt::format("`{}` needs a number above 0", key));
    return 0;
  }

  void first_seen() {
    only_keys(file, map, {"fields", "per", "history", "learn"}, faults);
    FirstSeen kind;
    out.fields = named("fields", true, "what is new, such as `[src.ip]`");
    out.group_by = named("per", false, "");
    kind.history = duration("history", "how long a value is remembered, such as `30d`");
    kind.learn = duration("learn", "how long after its first event an entity only teaches, such as `7d`");
    if (kind.learn > kind.history) faults.add(file, *map.find("learn"), "`learn` is longer than `history`: what was learnt would be forgotten before it is used");
    out.timespan = std::chrono::hours(1);  // Of the buckets; `suppress` makes them longer.
    out.extension = kind;
  }

  void absence() {
    only_keys(file, map, {"of", "within", "by"}, faults);
    Absence kind;
    const yaml::Node* of = map.find("of");
    const std::string other = read_text(file, of, "of", faults);
    if (other.empty()) faults.add(file, of ? *of : map, "`of` is missing: the id or name of the rule that should have matched");
    out.rules.push_back(other);
    out.group_by = named("by", false, "");
    kind.within = duration("within", "how long the other may take, such as `10m`");
    out.timespan = kind.within;
    out.extension = kind;
  }

  void measure(Baseline& kind) {
    const yaml::Node* node = map.find("measure");
    const std::string text = read_text(file, node, "measure", faults);
    const std::size_t blank = text.find(' ');
    const std::string word = text.substr(0, blank), field = blank == std::string::npos ? "" : text.substr(text.find_first_not_of(' ', blank));
    if (word == "count" && field.empty()) return;
    if ((word == "distinct" || word == "sum") && !field.empty()) {
      kind.measure = word == "sum" ? Measure::sum : Measure::distinct;
      if (field == "subjects.id") faults.add(file, *node, "clear identifiers of people end in the decoder", "write `subjects.ref`, their keyed hash");
      else fields.intern(field);
      if (kind.measure == Measure::sum && field == kSubjectField) faults.add(file, *node, "hashes have no sum", "write `distinct subjects.ref`");
      out.fields = {field};
      return;
    }
    faults.add(file, node ? *node : map, "`measure` is `count`, `distinct <field>` or `sum <field>`", faults.did_you_mean(word, {"count", "distinct", "sum"}));
  }

  void baseline() {
    only_keys(file, map, {"measure", "per", "every", "above", "least", "learn", "peers", "season"}, faults);
    Baseline kind;
    measure(kind);
    out.group_by = named("per", true, "whose behaviour is compared with its own past, such as `[actor.id]`");
    kind.every = duration("every", "how long one measure takes, such as `1h`");
    kind.above = number("above", "how many robust deviations from the median are too many, such as `6`");
    kind.least = number("least", "a measure below this is never an alert, such as `50`");
    kind.learn = duration("learn", "how much of an entity's past is needed before it is judged, such as `7d`");
    kind.peers = named("peers", false, "");
    if (kind.every.count() > 0 && kind.learn / kind.every > static_cast<std::int64_t>(limits::kBaselineMeasuresMax)) {
      faults.add(file, *map.find("learn"), fmt::format("`learn` is more than {} times `every`: so many measures are not kept", limits::kBaselineMeasuresMax));
    }
    if (kind.learn < kind.every) faults.add(file, *map.find("learn"), "`learn` is shorter than `every`: nothing would be learnt");
    if (const yaml::Node* season = map.find("season")) {
      kind.hour_of_week = season->text == "hour_of_week";
      if (!kind.hour_of_week) faults.add(file, *season, "`season` is `hour_of_week`, or left out", faults.did_you_mean(season->text, {"hour_of_week"}));
      if (kind.every > std::chrono::hours(1)) faults.add(file, *season, "`hour_of_week` needs an `every` of at most one hour");
    }
    out.timespan = kind.every;
    out.extension = std::move(kind);
  }
};

}  // namespace

std::optional<Correlation> parse_extension_kind(const yaml::File& file, const yaml::Node& tocsin, FieldTable& fields, Faults& faults) {
  std::optional<Correlation> out;
  for (const auto& [name, read] : {std::pair<std::string_view, void (KindReader::*)()>{"first_seen", &KindReader::first_seen},
                                   {"absence", &KindReader::absence}, {"baseline", &KindReader::baseline}}) {
    const yaml::Node* map = tocsin.find(name);
    if (map == nullptr) continue;
    if (out) {
      faults.add(file, *map, "a rule is one of first_seen, absence and baseline", "write a second rule");
      continue;
    }
    out.emplace();
    out->type = &extension_type(name);
    if (!map->is_map()) faults.add(file, *map, fmt::format("`{}` needs a map", name));
    else (KindReader{file, *map, fields, *out, faults}.*read)();
  }
  return out;
}

}  // namespace tocsin::sigma
