// dispatch.cpp: an approved round becomes messages; their results move the chain on until nobody is left.
#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/casebook.h"
#include "daemon/casebook/facts.h"
#include "daemon/casebook/states.h"

namespace tocsin::casebook {
namespace {

v1::Notice notice_for(const v1::Round& round, std::string_view purpose, std::string_view recipient, std::string_view channel, std::string_view locale, Instant now) {
  v1::Notice notice;
  notice.set_notice_id(notice_id(round.incident_id(), purpose, round.number(), recipient, channel));
  notice.set_incident_id(round.incident_id());
  notice.set_purpose(std::string(purpose));
  notice.set_round(round.number());
  notice.set_recipient_ref(std::string(recipient));
  notice.set_channel(std::string(channel));
  notice.set_locale(std::string(locale));
  *notice.mutable_created_at() = timestamp_of(now);
  return notice;
}

}  // namespace

/// Renders every language of one channel for one kind of person, in both wordings: what was approved is what is sent.
Result<void> Casebook::put_words(Transaction& tx, const v1::NoticeFacts& facts, const PlannedChannel& channel, std::string_view kind) {
  for (const std::string_view locale : notice_locales()) {
    for (const bool again : {false, true}) {
      TOCSIN_ASSIGN(Rendered words, render(facts, channel.type, locale, audience_of(kind), again));
      TOCSIN_TRY(tx.put_text(facts.incident_id(), {text_id(facts.incident_id(), facts.purpose(), facts.round(), channel.name, locale, kind), again,
                                                   std::move(words.subject), std::move(words.text), std::move(words.html)}));
    }
  }
  return {};
}

Result<void> Casebook::release(Transaction& tx, const v1::Incident& incident, v1::Round& round, const v1::NoticeFacts& facts) {
  TOCSIN_ASSIGN(const auto people, tx.recipients(round.incident_id(), round.number()));
  std::vector<std::string> kinds;
  for (const store::RecipientRow& person : people)
    if (std::find(kinds.begin(), kinds.end(), person.kind) == kinds.end()) kinds.push_back(person.kind);
  for (const PlannedChannel& channel : plan_.chain())
    for (const std::string& kind : kinds) TOCSIN_TRY(put_words(tx, facts, channel, kind));
  // Words of a page that was approved never to be published must not lie ready for a later edit of the playbook.
  for (const PlannedChannel& channel : plan_.must_announce(0, 0, 1) ? plan_.announcement() : std::vector<PlannedChannel>{}) {
    v1::NoticeFacts page = facts;
    page.set_purpose(kAnnouncement);
    TOCSIN_TRY(put_words(tx, page, channel, "subject"));
  }
  round.set_state(v1::ROUND_APPROVED);
  TOCSIN_TRY(tx.update_round(round));
  for (const store::RecipientRow& person : people) TOCSIN_TRY(queue_person(tx, round, person, ""));
  TOCSIN_ASSIGN(const store::RoundCount count, tx.recount(round.incident_id(), round.number()));
  if (plan_.must_announce(count.recipients, count.unreachable, round.number() == 1 ? facts.reported_count() : 0)) TOCSIN_TRY(queue_announcement(tx, round, facts));
  v1::Incident changed = incident;
  if (may_become(incident.state(), v1::NOTIFYING)) TOCSIN_TRY(step(tx, changed, v1::NOTIFYING));
  return finish_if_done(tx, round.incident_id(), round.number());
}

/// The first channel behind `after` that reaches this person and was part of the approval. False where none is left.
Result<bool> Casebook::queue_person(Transaction& tx, const v1::Round& round, const store::RecipientRow& person, std::string_view after) {
  TOCSIN_ASSIGN(const auto contact, tx.contact(person.contact));
  if (!contact) return false;
  const std::string_view locale = notice_locale(contact->locale.empty() ? plan_.locale() : contact->locale);
  for (const PlannedChannel* channel = plan_.next_for(*contact, after); channel != nullptr; channel = plan_.next_for(*contact, channel->name)) {
    store::NoticeRow row;
    row.text_id = text_id(round.incident_id(), kIndividual, round.number(), channel->name, locale, person.kind);
    // A channel that joined the chain after the approval has no approved words.
    TOCSIN_ASSIGN(const bool approved, tx.has_text(round.incident_id(), row.text_id));
    if (!approved) continue;
    row.notice = notice_for(round, kIndividual, person.ref.hex(), channel->name, locale, clock_.now());
    row.contact = person.contact;
    row.address = address_field(channel->type);
    TOCSIN_TRY(tx.insert_notice(row));
    return true;
  }
  return false;
}

Result<void> Casebook::queue_announcement(Transaction& tx, const v1::Round& round, v1::NoticeFacts facts) {
  facts.set_purpose(kAnnouncement);
  const std::string_view locale = notice_locale(plan_.locale());
  for (const PlannedChannel& channel : plan_.announcement()) {
    store::NoticeRow row;
    row.notice = notice_for(round, kAnnouncement, "", channel.name, locale, clock_.now());
    row.text_id = text_id(round.incident_id(), kAnnouncement, round.number(), channel.name, locale, "subject");
    TOCSIN_ASSIGN(const bool approved, tx.has_text(round.incident_id(), row.text_id));
    if (!approved) continue;
    TOCSIN_ASSIGN(const bool fresh, tx.insert_notice(row));
    if (fresh) TOCSIN_TRY(tx.append_audit({store::kSystem}, clock_.now(), "announcement.queued", fmt::format("{}/{}", round.incident_id(), round.number()),
                                          json_object({{"channel", channel.name}})));
  }
  return {};
}

/// Round 0: the incident was opened. Others: somebody of the round could not be reached, said once.
Result<void> Casebook::tell_operations(Transaction& tx, std::string_view incident_id, std::uint32_t number) {
  v1::Round round;
  round.set_incident_id(std::string(incident_id));
  round.set_number(number);
  const std::string_view locale = notice_locale(plan_.locale());
  for (const PlannedChannel& channel : plan_.operations()) {
    store::NoticeRow row;
    row.notice = notice_for(round, kOperations, "", channel.name, locale, clock_.now());
    TOCSIN_ASSIGN(const auto known, tx.notice(row.notice.notice_id()));
    if (known) continue;
    TOCSIN_ASSIGN(const v1::Incident incident, load(tx, incident_id));
    const v1::NoticeFacts facts = facts_of(incident, config_.organisation(), kOperations, number, clock_.now());
    // A gap in the words is no reason to lose an incident: then operations see it in the list, and why in the audit.
    if (auto words = render(facts, channel.type, locale); !words) {
      TOCSIN_TRY(tx.append_audit({store::kSystem}, clock_.now(), "operations.not_told", incident_id, json_object({{"channel", channel.name}, {"why", words.error().text}})));
      continue;
    }
    TOCSIN_TRY(put_words(tx, facts, channel, "subject"));
    row.text_id = text_id(incident_id, kOperations, number, channel.name, locale, "subject");
    TOCSIN_TRY(tx.insert_notice(row));
  }
  return {};
}

Result<std::vector<store::DueNotice>> Casebook::claim(std::string_view lease, Instant lease_until, std::uint32_t limit, std::string_view only) {
  const v1::DeliveryMode mode = config_.delivery().mode();
  if (mode == v1::HOLD) return std::vector<store::DueNotice>{};
  store::ClaimOrder order{.now = clock_.now(), .lease_until = lease_until, .lease = std::string(lease), .limit = limit, .channels = {}};
  for (const v1::ChannelConfig& channel : config_.channels())
    // A public page cannot be redirected: a drill would publish it.
    if ((only.empty() || only == channel.name()) &&
        (mode == v1::LIVE || (channel.type() != "announcement" && config_.delivery().redirect_to().count(channel.name()) > 0)))
      order.channels.push_back(channel.name());
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(auto due, tx.claim(order));
  if (due.empty()) return due;
  std::vector<store::DueNotice> sendable;
  for (store::DueNotice& one : due) {
    if (one.notice.purpose() == kIndividual && one.to.empty()) {
      // The address went from the system of record after the approval: the next channel, or the announcement, takes over.
      TOCSIN_TRY(tx.settle({.notice_id = one.notice.notice_id(), .lease = one.lease, .state = v1::REFUSED, .provider_ref = {}, .detail = "the system of record has no such address any more", .now = clock_.now()}));
      TOCSIN_TRY(went_wrong(tx, one.notice));
      TOCSIN_TRY(finish_if_done(tx, one.notice.incident_id(), one.notice.round()));
      continue;
    }
    if (mode == v1::REDIRECT && one.notice.purpose() == kIndividual) one.to = Pii(config_.delivery().redirect_to().at(one.notice.channel()));
    sendable.push_back(std::move(one));
  }
  TOCSIN_TRY(tx.commit());
  return sendable;
}

Result<bool> Casebook::point_of_no_return(std::string_view id, std::string_view lease) {
  if (config_.delivery().mode() == v1::HOLD) return false;
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const bool ours, tx.mark_point_of_no_return(id, lease, clock_.now()));
  if (ours) TOCSIN_TRY(tx.commit());
  return ours;
}

Result<bool> Casebook::settle(const store::DueNotice& due, const Delivery& delivery) {
  const Instant now = clock_.now();
  store::Settlement s{.notice_id = due.notice.notice_id(), .lease = due.lease, .state = v1::IN_DOUBT, .provider_ref = {}, .detail = {}, .now = now};
  if (const auto* accepted = std::get_if<Accepted>(&delivery)) {
    s.state = v1::ACCEPTED, s.provider_ref = accepted->provider_ref;
  } else if (const auto* delivered = std::get_if<Delivered>(&delivery)) {
    s.state = v1::DELIVERED, s.provider_ref = delivered->provider_ref;
  } else if (const auto* refusal = std::get_if<Refused>(&delivery)) {
    s.state = v1::REFUSED, s.detail = refusal->why;
  } else if (const auto* doubt = std::get_if<InDoubt>(&delivery)) {
    s.detail = doubt->why;
  } else if (const auto* later = std::get_if<TryLater>(&delivery)) {
    const bool over = due.notice.attempts() >= static_cast<std::uint32_t>(tocsin::limits::kDeliveryAttemptsMax);
    s.state = over ? v1::REFUSED : v1::RETRY;
    s.detail = over ? fmt::format("given up after {} attempts: {}", due.notice.attempts(), later->why) : later->why;
    s.next_attempt = now + later->after;
  }
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const bool ours, tx.settle(s));
  if (!ours) return false;
  if (s.state == v1::REFUSED) TOCSIN_TRY(went_wrong(tx, due.notice));
  if (s.state != v1::RETRY && s.state != v1::IN_DOUBT) TOCSIN_TRY(finish_if_done(tx, due.notice.incident_id(), due.notice.round()));
  TOCSIN_TRY(tx.commit());
  return true;
}

/// A refusal: the next channel, or the public, and operations know.
Result<void> Casebook::went_wrong(Transaction& tx, const v1::Notice& notice) {
  if (notice.purpose() == kOperations) return {};  // Nobody is left to tell; the state shows it.
  TOCSIN_TRY(tell_operations(tx, notice.incident_id(), notice.round()));
  if (notice.purpose() != kIndividual) return {};
  TOCSIN_ASSIGN(const auto round, tx.round(notice.incident_id(), notice.round()));
  if (!round || round->state() != v1::ROUND_APPROVED) return {};
  TOCSIN_ASSIGN(const Id128 ref, id128_from_hex(notice.recipient_ref()));
  TOCSIN_ASSIGN(const auto person, tx.recipient(notice.incident_id(), notice.round(), ref));
  if (!person) return refused(fmt::format("notice {} is for nobody of its round", notice.notice_id()));
  TOCSIN_ASSIGN(const bool queued, queue_person(tx, *round, *person, notice.channel()));
  // With a share above zero the question is asked when everything has come back: a share of a moving number says nothing.
  if (queued || !plan_.must_announce(round->recipients(), 1, 0)) return {};
  v1::NoticeFacts facts;
  facts.set_incident_id(notice.incident_id());
  facts.set_round(notice.round());
  return queue_announcement(tx, *round, facts);
}

Result<void> Casebook::finish_if_done(Transaction& tx, std::string_view incident_id, std::uint32_t number) {
  TOCSIN_ASSIGN(const bool open, tx.has_open_notices(incident_id, number));
  if (open || number == 0) return {};
  TOCSIN_ASSIGN(auto round, tx.round(incident_id, number));
  if (!round || round->state() != v1::ROUND_APPROVED) return {};
  TOCSIN_ASSIGN(const store::RoundCount count, tx.recount(incident_id, number));
  if (!count.finished()) {
    if (count.announced || !plan_.must_announce(count.recipients, count.unreachable, 0)) return {};
    v1::NoticeFacts facts;
    facts.set_incident_id(std::string(incident_id));
    facts.set_round(number);
    return queue_announcement(tx, *round, facts);
  }
  round->set_state(v1::ROUND_FINISHED);
  TOCSIN_TRY(tx.update_round(*round));
  TOCSIN_TRY(tx.append_audit({store::kSystem}, clock_.now(), "round.finished", fmt::format("{}/{}", incident_id, number),
                             json_object({{"recipients", std::to_string(count.recipients)}, {"told", std::to_string(count.told)},
                                          {"announced_to", std::to_string(count.unreachable)}})));
  TOCSIN_ASSIGN(const v1::Incident incident, load(tx, incident_id));
  const bool first = std::none_of(incident.clock_events().begin(), incident.clock_events().end(),
                                  [](const v1::ClockEvent& event) { return event.kind() == "individual_notice_sent"; });
  if (!first) return {};
  return note_clock(tx, incident_id, "individual_notice_sent", clock_.now(), store::kSystem, fmt::format("round {} finished", number));
}

Result<std::int64_t> Casebook::recover_after_crash() {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const std::int64_t doubtful, tx.recover_after_crash(clock_.now()));
  TOCSIN_TRY(tx.commit());
  return doubtful;
}

Result<std::int64_t> Casebook::expire_leases() {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const std::int64_t doubtful, tx.expire_leases(clock_.now()));
  TOCSIN_TRY(tx.commit());
  return doubtful;
}

Result<bool> Casebook::resend(std::string_view id, bool possible_duplicate) {
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const bool changed, tx.requeue(id, clock_.now(), possible_duplicate, possible_duplicate ? "sent again: the first may have arrived" : "sent again under the same key"));
  if (!changed) return false;
  TOCSIN_TRY(tx.append_audit({store::kSystem}, clock_.now(), "notice.resent", id, json_object({{"possible_duplicate", possible_duplicate ? "yes" : "no"}})));
  TOCSIN_TRY(tx.commit());
  return true;
}

Result<bool> Casebook::resolve_doubt(std::string_view id, const Delivery& found, const Principal& by) {
  v1::NoticeState state = v1::NOTICE_STATE_UNSPECIFIED;
  std::string provider_ref, detail;
  if (const auto* accepted = std::get_if<Accepted>(&found)) state = v1::ACCEPTED, provider_ref = accepted->provider_ref;
  else if (const auto* delivered = std::get_if<Delivered>(&found)) state = v1::DELIVERED, provider_ref = delivered->provider_ref;
  else if (const auto* refusal = std::get_if<Refused>(&found)) state = v1::REFUSED, detail = refusal->why;
  else return bad_input("a doubt is resolved by accepted, delivered or refused; to send it again, say so");
  TOCSIN_ASSIGN(auto tx, store_.begin());
  TOCSIN_ASSIGN(const bool changed, tx.resolve_doubt(id, state, provider_ref, detail, clock_.now()));
  if (!changed) return false;
  TOCSIN_TRY(tx.append_audit(by, clock_.now(), "notice.doubt_resolved", id, json_object({{"as", v1::NoticeState_Name(state)}})));
  TOCSIN_ASSIGN(const auto notice, tx.notice(id));
  if (state == v1::REFUSED) TOCSIN_TRY(went_wrong(tx, *notice));
  TOCSIN_TRY(finish_if_done(tx, notice->incident_id(), notice->round()));
  TOCSIN_TRY(tx.commit());
  TOCSIN_TRY(checkpoint());
  return true;
}

}  // namespace tocsin::casebook
