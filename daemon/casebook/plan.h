// plan.h: the playbook applied to the configured channels: what is tried for whom, in which order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/store/rows.h"
#include "tocsin/v1/alert.pb.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/playbook.pb.h"

namespace tocsin::casebook {

/// A configured channel as the playbook sees it.
struct PlannedChannel {
  std::string name;
  std::string type;   ///< email | sms | push | webhook | announcement
  bool operator==(const PlannedChannel&) const = default;
};

/// Pure. A type of the playbook that no channel has is left out; `problems` names words that mean nothing, and says when no
/// way is left.
class Plan {
 public:
  Plan(const v1::Playbook& playbook, const v1::Config& config);

  const std::vector<std::string>& group_by() const { return group_by_; }
  Microseconds quiet() const { return quiet_; }
  std::uint32_t approvals_needed() const { return approvals_needed_; }
  const std::string& locale() const { return locale_; }
  const std::vector<PlannedChannel>& chain() const { return chain_; }
  const std::vector<PlannedChannel>& operations() const { return operations_; }
  const std::vector<PlannedChannel>& announcement() const { return announcement_; }
  const std::string& announcement_url() const { return announcement_url_; }

  /// The first channel of the chain behind `after` (empty: from the start) for which the contact has an address.
  const PlannedChannel* next_for(const store::ContactRow& contact, std::string_view after) const;
  /// `unnamed`: people known only as a number.
  bool must_announce(std::int64_t recipients, std::int64_t unreachable, std::int64_t unnamed) const;

  /// The reason to confirm without a person, or empty.
  std::string auto_confirm(std::string_view rule_id) const;

  /// The group an alert's incident is named by: the playbook's fields where the alert has them all, else its own group.
  std::vector<v1::FieldValue> incident_group(const v1::Alert& alert) const;

  /// What an approval binds about the ways: names, types and order of the chain, and the rule of the announcement.
  std::string hash() const;
  std::vector<std::string> chain_types() const;  ///< Each once, sorted.
  std::vector<std::string> problems() const;   ///< What would block approval.

 private:
  std::vector<std::string> group_by_;
  Microseconds quiet_{};
  std::uint32_t approvals_needed_ = 1;
  std::string locale_;
  std::vector<PlannedChannel> chain_, operations_, announcement_;
  std::string announcement_url_;
  std::string when_;
  std::uint32_t unreachable_percent_ = 0;
  std::vector<v1::AutoConfirm> auto_confirm_;
  std::vector<std::string> problems_;   ///< Words of the playbook that mean nothing.
};

/// The playbook, or bad_input with a caret.
Result<v1::Playbook> load_playbook(const std::string& path);

/// The address that a channel type uses of a contact; empty where there is none.
const Pii& address_of(const store::ContactRow& contact, std::string_view type);
std::string_view address_field(std::string_view type);   ///< email | phone | push_token, or empty.

}  // namespace tocsin::casebook
