// collection.cpp: joining documents.
#include "daemon/sigma/language/collection.h"

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

yaml::Node* find(yaml::Node& map, std::string_view key) { return const_cast<yaml::Node*>(std::as_const(map).find(key)); }

/// Maps key by key; all else is replaced.
void lay_over(yaml::Node& under, const yaml::Node& over) {
  for (const auto& [key, value] : over.entries) {
    if (key.text == "action") continue;
    yaml::Node* old = find(under, key.text);
    if (old == nullptr) {
      under.entries.push_back({key, value});
    } else if (old->is_map() && value.is_map()) {
      lay_over(*old, value);
    } else {
      *old = value;
    }
  }
}

/// Adds what the node holds, keys included.
void measure(const yaml::Node& node, std::size_t& nodes, std::size_t& bytes) {
  nodes += 1;
  bytes += node.text.size();
  for (const yaml::Node& item : node.items) measure(item, nodes, bytes);
  for (const auto& [key, value] : node.entries) {
    measure(key, nodes, bytes);
    measure(value, nodes, bytes);
  }
}

}  // namespace

const yaml::Node* Collection::joined(const yaml::Node& at, const yaml::Node& under, const yaml::Node& over, Faults& faults) {
  const auto ended = [&] { return nodes_ > limits::kYamlFileNodesMax || bytes_ > limits::kCollectionBytesMax; };
  if (!ended()) {
    measure(under, nodes_, bytes_);
    measure(over, nodes_, bytes_);
  }
  if (ended()) {
    faults.add(file_, at, fmt::format("the collection makes more than {} nodes or {} bytes of this file", limits::kYamlFileNodesMax, limits::kCollectionBytesMax));
    return nullptr;
  }
  yaml::Node made = under;
  made.mark = at.mark;
  lay_over(made, over);
  made_ = std::move(made);
  return before_ = &made_;
}

const yaml::Node* Collection::next(const yaml::Node& document, Faults& faults) {
  const yaml::Node* action = document.is_map() ? document.find("action") : nullptr;
  if (action == nullptr) {
    const bool alone = !document.is_map() || document.find("correlation") != nullptr || document.find("filter") != nullptr;
    if (alone) return &document;
    if (has_global_) return joined(document, document, global_, faults);
    return before_ = &document;
  }
  if (action->text == "global") {
    global_ = document;
    std::erase_if(global_.entries, [](const yaml::Entry& entry) { return entry.key.text == "action"; });
    has_global_ = true;
    before_ = &global_;
  } else if (action->text == "reset") {
    has_global_ = false;
  } else if (action->text == "repeat") {
    if (before_ != nullptr) return joined(document, *before_, document, faults);
    faults.add(file_, *action, "there is no document before this one that could be repeated");
  } else {
    faults.add(file_, *action, fmt::format("`{}` is no action of a collection", action->text),
               faults.did_you_mean(action->text, {"global", "repeat", "reset"}));
  }
  return nullptr;
}

}  // namespace tocsin::sigma
