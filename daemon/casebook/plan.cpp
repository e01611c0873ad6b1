// plan.cpp: names of the playbook meet the channels of the configuration.
#include "daemon/casebook/plan.h"

#include "daemon/base/hash.h"
#include "daemon/base/yaml.h"
#include "notifiers/notifiers.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin::casebook {
namespace {

/// Channels with one of these names or types, in the order of the playbook, each once.
std::vector<PlannedChannel> matching(const google::protobuf::RepeatedPtrField<std::string>& wanted, const v1::Config& config) {
  std::vector<PlannedChannel> found;
  for (const std::string& word : wanted) {
    for (const v1::ChannelConfig& channel : config.channels()) {
      const PlannedChannel planned{channel.name(), channel.type()};
      if (channel.name() != word && channel.type() != word) continue;
      if (std::find(found.begin(), found.end(), planned) == found.end()) found.push_back(planned);
    }
  }
  return found;
}

/// Words that are neither a channel nor a type: a slip of the pen must not leave a way out silently.
void note_unknown(const char* key, const google::protobuf::RepeatedPtrField<std::string>& words, const v1::Config& config, std::vector<std::string>& problems) {
  std::vector<std::string_view> known = channel_types();
  for (const v1::ChannelConfig& channel : config.channels()) known.push_back(channel.name());
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string hint = yaml::did_you_mean(word, known);
    problems.push_back(fmt::format("the playbook's `{}` names `{}`, which is neither a channel nor a type of channels{}{}", key, word, hint.empty() ? "" : "; ", hint));
  }
}

std::string joined(const std::vector<PlannedChannel>& channels) {
  std::string text;
  for (const PlannedChannel& channel : channels) text += fmt::format("{}:{}/{};", channel.name.size(), channel.name, channel.type);
  return text;
}

Microseconds duration_or(const google::protobuf::Duration& given, bool set, std::chrono::hours otherwise) {
  if (!set) return otherwise;
  return std::chrono::seconds(given.seconds()) + std::chrono::duration_cast<Microseconds>(std::chrono::nanoseconds(given.nanos()));
}

}  // namespace

const Pii& address_of(const store::ContactRow& contact, std::string_view type) {
  static const Pii none;
  if (type == "email") return contact.email;
  if (type == "sms") return contact.phone;
  if (type == "push") return contact.push_token;
  return none;
}

std::string_view address_field(std::string_view type) {
  if (type == "email") return "email";
  if (type == "sms") return "phone";
  if (type == "push") return "push_token";
  return "";
}

Plan::Plan(const v1::Playbook& playbook, const v1::Config& config)
    : group_by_(playbook.incident().group_by().begin(), playbook.incident().group_by().end()),
      quiet_(duration_or(playbook.incident().quiet(), playbook.incident().has_quiet(), std::chrono::hours(24))),
      approvals_needed_(std::max<std::uint32_t>(1, playbook.approval().needed())),  // Nothing leaves on one person's word.
      locale_(playbook.notice().locale().empty() ? "zh-CN" : playbook.notice().locale()),
      chain_(matching(playbook.notice().chain(), config)),
      operations_(matching(playbook.operations().channels(), config)),
      when_(playbook.announcement().when().empty() ? "unreachable" : playbook.announcement().when()),
      unreachable_percent_(playbook.announcement().unreachable_percent()),
      auto_confirm_(playbook.auto_confirm().begin(), playbook.auto_confirm().end()) {
  if (group_by_.empty()) group_by_ = {"actor.id"};
  // Only channels that reach one person can be part of a chain.
  std::erase_if(chain_, [](const PlannedChannel& channel) { return address_field(channel.type).empty(); });
  note_unknown("notice.chain", playbook.notice().chain(), config, problems_);
  note_unknown("operations.channels", playbook.operations().channels(), config, problems_);
  for (const v1::ChannelConfig& channel : config.channels()) {
    if (channel.type() != "announcement") continue;
    announcement_.push_back({channel.name(), channel.type()});
    v1::settings::Announcement settings;
    if (announcement_url_.empty() && channel.settings().UnpackTo(&settings)) announcement_url_ = settings.base_url();
    while (announcement_url_.ends_with('/')) announcement_url_.pop_back();
  }
}

const PlannedChannel* Plan::next_for(const store::ContactRow& contact, std::string_view after) const {
  auto at = chain_.begin();
  if (!after.empty()) {
    at = std::find_if(chain_.begin(), chain_.end(), [&](const PlannedChannel& channel) { return channel.name == after; });
    if (at != chain_.end()) ++at;
  }
  const auto found = std::find_if(at, chain_.end(), [&](const PlannedChannel& channel) { return !address_of(contact, channel.type).empty(); });
  return found == chain_.end() ? nullptr : &*found;
}

bool Plan::must_announce(std::int64_t recipients, std::int64_t unreachable, std::int64_t unnamed) const {
  if (announcement_.empty() || when_ == "never") return false;
  if (when_ == "always" || unnamed > 0) return true;  // People known by number only can be reached in no other way.
  return unreachable > 0 && unreachable * 100 > recipients * unreachable_percent_;
}

std::string Plan::auto_confirm(std::string_view rule_id) const {
  for (const v1::AutoConfirm& entry : auto_confirm_)
    if (entry.rule() == rule_id) return entry.reason();
  return {};
}

std::vector<v1::FieldValue> Plan::incident_group(const v1::Alert& alert) const {
  std::vector<v1::FieldValue> group;
  for (const std::string& wanted : group_by_)
    for (const v1::FieldValue& field : alert.group())
      if (field.field() == wanted) group.push_back(field);
  if (group.size() == group_by_.size()) return group;
  return {alert.group().begin(), alert.group().end()};
}

std::string Plan::hash() const {
  return fingerprint(fmt::format("chain {}\nannouncement {} {} {} {}\nlocale {}", joined(chain_), joined(announcement_), when_, unreachable_percent_,
                                 announcement_url_, locale_));
}

std::vector<std::string> Plan::chain_types() const {
  std::vector<std::string> types;
  for (const PlannedChannel& channel : chain_) types.push_back(channel.type);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

std::vector<std::string> Plan::problems() const {
  std::vector<std::string> found = problems_;
  if (chain_.empty()) found.emplace_back("no configured channel is in the playbook's `notice.chain`: add one under `channels:`, or name it in the chain");
  if (announcement_.empty() && when_ != "never")
    found.emplace_back("the playbook may have to announce publicly, but no channel of type `announcement` is configured: add one, or set `announcement.when: never`");
  return found;
}

}  // namespace tocsin::casebook
