// rounds.cpp: freezing whom we tell, what and how; the approval that binds it; the brake.
#include "daemon/base/hash.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/casebook.h"
#include "daemon/casebook/facts.h"
#include "daemon/casebook/states.h"

namespace tocsin::casebook {
namespace {

std::string hash_of(const std::vector<store::RecipientRow>& people) {
  std::string text;
  for (const store::RecipientRow& person : people) text += fmt::format("{} {} {}\n", person.ref.hex(), person.contact.hex(), person.kind);
  return fingerprint(text);
}

std::string binding_of(std::string_view recipients, std::string_view text, std::string_view channels) {
  return fingerprint(fmt::format("{}\n{}\n{}", recipients, text, channels));
}

std::int64_t recipients_max(const v1::Config& config) { return config.delivery().max_recipients() > 0 ? config.delivery().max_recipients() : 10'000; }

}  // namespace

/// Everyone affected who is still to be told; a guardian beside each child, under a ref of the pair.
Result<std::vector<store::RecipientRow>> Casebook::freeze(const store::View& view, std::string_view incident_id) const {
  TOCSIN_ASSIGN(const auto subjects, view.affected(incident_id));
  std::vector<store::RecipientRow> people;
  const auto add = [&](store::RecipientRow row) -> Result<void> {
    TOCSIN_ASSIGN(const bool taken, view.spoken_for(incident_id, row.ref));
    if (!taken) people.push_back(std::move(row));
    return {};
  };
  for (const Subject& subject : subjects) {
    TOCSIN_ASSIGN(const auto contact, view.contact(subject.ref));
    if (!contact || !contact->guardian) {
      TOCSIN_TRY(add({subject.ref, subject.ref, "subject", {}}));
      continue;
    }
    const Id128 pair = identity({"guardian", contact->guardian->view(), subject.ref.view()});
    TOCSIN_ASSIGN(const bool guardian_told, view.spoken_for(incident_id, pair));
    // A child without an address was told through the guardian.
    if (!guardian_told || plan_.next_for(*contact, "") != nullptr) TOCSIN_TRY(add({subject.ref, subject.ref, "minor", {}}));
    TOCSIN_TRY(add({pair, *contact->guardian, "guardian", subject.ref}));
  }
  std::sort(people.begin(), people.end(), [](const auto& a, const auto& b) { return a.ref < b.ref; });
  return people;
}

/// People whom no channel of the chain can reach; a child counts as reached through its guardian.
Result<std::int64_t> Casebook::without_channel(const store::View& view, const std::vector<store::RecipientRow>& people) const {
  std::map<Id128, bool> reached;
  for (const store::RecipientRow& person : people) {
    TOCSIN_ASSIGN(const auto contact, view.contact(person.contact));
    const bool has = contact && plan_.next_for(*contact, "") != nullptr;
    reached[person.ref] = reached[person.ref] || has;
    if (has && person.ward) reached[*person.ward] = true;
  }
  return std::count_if(people.begin(), people.end(), [&](const auto& person) { return !reached[person.ref]; });
}

Result<bool> Casebook::open_round(Transaction& tx, const v1::Incident& incident, const Principal& by) {
  const std::string& id = incident.incident_id();
  TOCSIN_ASSIGN(const auto people, freeze(tx, id));
  const bool first = incident.rounds_size() == 0;
  if (people.empty() && !(first && incident.reported_count() > 0)) return false;
  const Instant now = clock_.now();
  v1::Round round;
  round.set_incident_id(id);
  round.set_number(static_cast<std::uint32_t>(incident.rounds_size()) + 1);
  round.set_purpose(kIndividual);
  round.set_state(v1::ROUND_AWAITING_APPROVAL);
  round.set_recipients(static_cast<std::int64_t>(people.size()));
  round.set_proposed_by(by.name);
  *round.mutable_proposed_at() = timestamp_of(now);
  round.set_approvals_needed(plan_.approvals_needed());
  v1::NoticeFacts facts = facts_of(incident, config_.organisation(), kIndividual, round.number(), now);
  TOCSIN_ASSIGN(const std::int64_t unreachable, without_channel(tx, people));
  if (!plan_.announcement().empty() && plan_.must_announce(round.recipients(), unreachable, first ? incident.reported_count() : 0))
    facts.set_announcement_url(fmt::format("{}/{}.html", plan_.announcement_url(), notice_id(id, kAnnouncement, round.number(), "", plan_.announcement()[0].name)));
  round.set_recipients_hash(hash_of(people));
  round.set_channels_hash(plan_.hash());
  // A gap in the words must not keep anyone from confirming; it stands among the problems and keeps everyone from approving.
  if (auto words = words_hash(facts, plan_)) round.set_text_hash(*words);
  round.set_binding(binding_of(round.recipients_hash(), round.text_hash(), round.channels_hash()));
  TOCSIN_TRY(tx.insert_round(round, people, facts.SerializeAsString()));
  TOCSIN_TRY(tx.append_audit(by, now, "round.proposed", fmt::format("{}/{}", id, round.number()),
                             json_object({{"recipients", std::to_string(round.recipients())}, {"binding", round.binding()}})));
  return true;
}

Result<v1::Incident> Casebook::propose(std::string_view incident_id, const Principal& by) {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const v1::Incident incident, load(tx, incident_id));
  if (incident.state() == v1::SUSPECTED || incident.state() == v1::DISMISSED || incident.state() == v1::CLOSED)
    return refused(fmt::format("incident {} is {}: only people of a confirmed incident are told", incident_id, word_for(incident.state())));
  TOCSIN_ASSIGN(const bool opened, open_round(tx, incident, by));
  if (!opened) return refused(fmt::format("nobody joined incident {} since its last round", incident_id));
  return done(tx, incident_id);
}

Result<Casebook::Present> Casebook::present(const store::View& view, const v1::Incident& incident, const v1::Round& round) const {
  Present now;
  TOCSIN_ASSIGN(const std::string frozen, view.round_facts(incident.incident_id(), round.number()));
  if (!now.facts.ParseFromString(frozen)) return bad_input(fmt::format("the facts of round {} do not parse", round.number()));
  // Facts of the incident are frozen; who we are may be corrected until the approval, which the correction voids.
  if (round.state() == v1::ROUND_AWAITING_APPROVAL) *now.facts.mutable_organisation() = config_.organisation();
  now.problems = plan_.problems();
  TOCSIN_ASSIGN(const auto people, view.recipients(incident.incident_id(), round.number()));
  now.recipients_hash = hash_of(people);
  if (now.recipients_hash != round.recipients_hash()) now.problems.emplace_back("the recipients in the store are not those that were frozen: stop this round and look at the database");
  now.channels_hash = plan_.hash();
  if (auto words = words_hash(now.facts, plan_)) now.text_hash = *words;
  else now.problems.push_back("a notice cannot be written: " + words.error().text);
  if (round.recipients() > recipients_max(config_))
    now.problems.push_back(fmt::format("{} recipients are more than `delivery.max_recipients` ({}) allows: raise it if this is right", round.recipients(), recipients_max(config_)));
  now.binding = binding_of(now.recipients_hash, now.text_hash, now.channels_hash);
  return now;
}

Result<v1::Incident> Casebook::approve(std::string_view incident_id, std::uint32_t number, const Principal& by, std::string_view binding) {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(v1::Incident incident, load(tx, incident_id));
  TOCSIN_ASSIGN(v1::Round round, newest_or(tx, incident, number));
  const std::string what = fmt::format("round {} of incident {}", round.number(), incident_id);
  if (round.state() != v1::ROUND_AWAITING_APPROVAL) return refused(fmt::format("{} does not wait for an approval", what));
  if (incident.state() == v1::SUSPECTED || incident.state() == v1::DISMISSED || incident.state() == v1::CLOSED)
    return refused(fmt::format("incident {} is {}: nobody is told about it", incident_id, word_for(incident.state())));
  if (by.name.empty() || is_machine(by.name)) return refused("only a person can approve");
  if (person_of(by.name) == person_of(round.proposed_by()) || person_of(by.name) == person_of(incident.decided_by()))
    return refused(fmt::format("{} confirmed or proposed this: a second person has to approve {}", person_of(by.name), what));
  TOCSIN_ASSIGN(const Present now, present(tx, incident, round));
  if (!now.problems.empty()) return refused(fmt::format("{} cannot be approved: {}", what, fmt::join(now.problems, "; ")));
  if (binding != now.binding)
    return refused(fmt::format("what you saw of {} is not what would be sent now: its text, recipients or channels changed; look at the preview again (binding {})", what, now.binding));
  std::vector<std::string_view> agreed{person_of(by.name)};
  for (const v1::Approval& approval : round.approvals()) {
    if (approval.binding() != now.binding) continue;  // Of words that are not the present ones.
    if (person_of(approval.by()) == person_of(by.name)) return refused(fmt::format("{} has approved {} already: another person has to", person_of(by.name), what));
    agreed.push_back(person_of(approval.by()));
  }
  v1::Approval approval;
  approval.set_by(by.name);
  *approval.mutable_at() = timestamp_of(clock_.now());
  approval.set_binding(now.binding);
  TOCSIN_TRY(tx.add_approval(incident_id, round.number(), approval));
  // A playbook that now demands more is heard, whatever it demanded when the round was proposed.
  const std::size_t needed = std::max(round.approvals_needed(), plan_.approvals_needed());
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "round.approved", fmt::format("{}/{}", incident_id, round.number()),
                             json_object({{"binding", now.binding}, {"approvals", std::to_string(agreed.size())}, {"needed", std::to_string(needed)}})));
  round.set_text_hash(now.text_hash);
  round.set_channels_hash(now.channels_hash);
  round.set_binding(now.binding);
  TOCSIN_TRY(tx.update_round(round));
  if (agreed.size() >= needed) TOCSIN_TRY(release(tx, incident, round, now.facts));
  return done(tx, incident_id);
}

Result<void> Casebook::stop_round(Transaction& tx, v1::Round round, const Principal& by, std::string_view reason, v1::StopNoticesResponse* response) {
  round.set_state(v1::ROUND_STOPPED);
  TOCSIN_TRY(tx.update_round(round));
  TOCSIN_ASSIGN(const std::int64_t stopped, tx.stop_notices(round.incident_id(), round.number(), "stopped by a person", clock_.now()));
  store::NoticeFilter filter;
  filter.incident_id = round.incident_id();
  filter.round = round.number();
  TOCSIN_ASSIGN(const auto counts, tx.notice_counts(filter));
  std::int64_t sent = 0;
  for (const auto& [state, count] : counts)
    if (state == "ACCEPTED" || state == "DELIVERED" || state == "POINT_OF_NO_RETURN" || state == "IN_DOUBT") sent += count;
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "round.stopped", fmt::format("{}/{}", round.incident_id(), round.number()),
                             json_object({{"reason_sha256", sha256_hex(reason)}, {"stopped", std::to_string(stopped)}, {"already_sent", std::to_string(sent)}})));
  if (response != nullptr) response->set_stopped(stopped), response->set_already_sent(sent);
  return {};
}

Result<v1::StopNoticesResponse> Casebook::stop(std::string_view incident_id, std::uint32_t number, const Principal& by, std::string_view reason) {
  TOCSIN_TRY(demand_words(reason, "the reason"));
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const v1::Incident incident, load(tx, incident_id));
  TOCSIN_ASSIGN(const v1::Round round, newest_or(tx, incident, number));
  if (round.state() == v1::ROUND_FINISHED || round.state() == v1::ROUND_STOPPED)
    return refused(fmt::format("round {} of incident {} is {} already", round.number(), incident_id, round.state() == v1::ROUND_STOPPED ? "stopped" : "finished"));
  v1::StopNoticesResponse response;
  TOCSIN_TRY(stop_round(tx, round, by, trimmed(reason), &response));
  TOCSIN_TRY(tx.commit());
  TOCSIN_TRY(checkpoint());
  return response;
}

Result<v1::PreviewNoticeResponse> Casebook::preview(std::string_view incident_id, std::uint32_t number, std::string_view channel, std::string_view locale) const {
  TOCSIN_ASSIGN(const auto view, store_.read());
  TOCSIN_ASSIGN(const v1::Incident incident, load(view, incident_id));
  TOCSIN_ASSIGN(const v1::Round round, newest_or(view, incident, number));
  TOCSIN_ASSIGN(Present now, present(view, incident, round));
  v1::PreviewNoticeResponse response;
  response.set_recipients(round.recipients());
  response.set_binding(now.binding);
  for (const std::string& problem : now.problems) response.add_problems(problem);
  TOCSIN_ASSIGN(const auto people, view.recipients(incident_id, round.number()));
  for (const store::RecipientRow& person : people) {
    TOCSIN_ASSIGN(const auto contact, view.contact(person.contact));
    const PlannedChannel* first = contact ? plan_.next_for(*contact, "") : nullptr;
    ++(*response.mutable_by_channel())[first == nullptr ? "unreachable" : first->name];
  }
  std::string type = plan_.chain().empty() ? "" : plan_.chain().front().type;
  if (!channel.empty()) {
    type.clear();
    for (const auto* list : {&plan_.chain(), &plan_.announcement()})
      for (const PlannedChannel& planned : *list)
        if (type.empty() && (planned.name == channel || planned.type == channel)) type = planned.type;
    if (type.empty()) return bad_input(fmt::format("no channel `{}` is part of the playbook's plan", channel));
  }
  if (type.empty()) return response;  // The problems say that there is no channel.
  if (type == "announcement") now.facts.set_purpose(kAnnouncement);
  // Words that cannot be rendered are among the problems already.
  if (auto words = render(now.facts, type, notice_locale(locale.empty() ? std::string_view(plan_.locale()) : locale))) {
    response.set_subject(words->subject);
    response.set_text(words->text);
    response.set_html(words->html);
  }
  return response;
}

}  // namespace tocsin::casebook
