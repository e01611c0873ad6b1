// phrases.cpp: YAML of templates/<locale>/phrases.yml → Phrases, once per language.
#include "notifiers/phrases.h"

#include "daemon/base/promise.h"
#include "daemon/base/yaml.h"
#include "notifiers/templates.h"

namespace tocsin {
namespace {

Phrases read(std::string_view locale) {
  const std::string path = fmt::format("{}/phrases.yml", locale);
  const auto file = yaml::parse(path, std::string(template_text(path)));
  TOCSIN_ASSERT(file && file->documents.size() == 1 && file->documents[0].is_map());
  const yaml::Node& root = file->documents[0];
  Phrases book;
  const std::pair<const char*, Phrases::Words*> maps[] = {{"whose", &book.whose}, {"categories", &book.categories}, {"short", &book.short_forms},
                                                          {"effects", &book.effects}, {"incidents", &book.incidents}, {"measures", &book.measures}};
  for (const auto& [key, words] : maps) {
    const yaml::Node* map = root.find(key);
    TOCSIN_ASSERT(map != nullptr && map->is_map());
    for (const auto& [name, text] : map->entries) words->emplace(name.text, text.text);
  }
  for (const Phrases::Words* words : {&book.categories, &book.short_forms, &book.effects, &book.incidents}) TOCSIN_ASSERT(words->contains("general"));
  const yaml::Node* advice = root.find("advice");
  TOCSIN_ASSERT(advice != nullptr && advice->is_list());
  for (const yaml::Node& row : advice->items) {
    Advice one;
    const yaml::Node *kinds = row.find("for"), *text = row.find("text");
    TOCSIN_ASSERT(kinds != nullptr && text != nullptr);
    for (const yaml::Node& kind : kinds->items) one.kinds.push_back(kind.text);
    one.text = text->text;
    book.advice.push_back(std::move(one));
  }
  return book;
}

Phrases::Words read_kinds() {
  const auto file = yaml::parse("kinds.yml", std::string(template_text("kinds.yml")));
  TOCSIN_ASSERT(file && file->documents.size() == 1 && file->documents[0].is_map());
  Phrases::Words kinds;
  for (const auto& [rule, kind] : file->documents[0].entries) kinds.emplace(rule.text, kind.text);
  return kinds;
}

}  // namespace

std::string kind_of_rule(std::string_view rule_id) {
  static const Phrases::Words kinds = read_kinds();
  const auto row = kinds.find(rule_id);
  return row == kinds.end() ? "" : row->second;
}

const Phrases& phrases_of(std::string_view locale) {
  static const Phrases english = read("en");
  static const Phrases chinese = read("zh-CN");
  return locale == "zh-CN" ? chinese : english;
}

}  // namespace tocsin
