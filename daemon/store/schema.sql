-- schema.sql: what Tocsin must not forget. This is version 1; later versions are rows of kMigrations in schema.cpp.
--
-- Every key begins with the tenant. Times are microseconds since 1970 UTC. Identities are 32 hex digits, refs of people 16
-- raw bytes (keyed hashes: no name, address or number of a person stands here in clear). A column named `sealed…` is
-- XChaCha20-Poly1305 and bound to its row: bodies, texts and evidence under the incident's own key, contacts, dead letters and
-- snapshots under the seal key of the installation. Destroying a row of incident_key is the deletion of that incident.

-- ── detect ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- How far stage 2 has come. The epoch fences out an older process; `committed` moves by compare-and-set.
CREATE TABLE writer (
  tenant     TEXT PRIMARY KEY,
  epoch      INTEGER NOT NULL,
  committed  INTEGER NOT NULL,
  log_id     TEXT NOT NULL
) WITHOUT ROWID;

-- applied + late + dead + gap = next − start, in every state that anyone can see.
CREATE TABLE source_partition (
  tenant TEXT NOT NULL, source TEXT NOT NULL, part INTEGER NOT NULL,
  start INTEGER NOT NULL, next INTEGER NOT NULL,
  applied INTEGER NOT NULL, late INTEGER NOT NULL, dead INTEGER NOT NULL, gap INTEGER NOT NULL,
  duplicate INTEGER NOT NULL, events INTEGER NOT NULL,
  max_event_time INTEGER NOT NULL,
  record_hash INTEGER NOT NULL,
  CHECK (applied + late + dead + gap = next - start),
  PRIMARY KEY (tenant, source, part)
) WITHOUT ROWID;

-- Records that no event could be made of. The raw bytes are personal data.
CREATE TABLE dead_letter (
  tenant TEXT NOT NULL, source TEXT NOT NULL, part INTEGER NOT NULL, offset INTEGER NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL,
  sealed_key BLOB NOT NULL, sealed_value BLOB NOT NULL,
  record_time INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  replayed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, source, part, offset)
);
CREATE INDEX dead_letter_by_reason ON dead_letter (tenant, reason);

-- Fold states, so that recovery reads the tail of the log only.
CREATE TABLE snapshot (
  tenant TEXT NOT NULL, ruleset TEXT NOT NULL, log_offset INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  sealed_body BLOB NOT NULL,
  PRIMARY KEY (tenant, log_offset)
);

-- ── incidents ────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE incident_key (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,                 -- The incident's random key, sealed with the seal key.
  PRIMARY KEY (tenant, incident_id)
) WITHOUT ROWID;

CREATE TABLE incident (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL,
  state INTEGER NOT NULL,                -- v1.IncidentState
  group_hash TEXT NOT NULL,              -- Of the playbook's group; the values themselves name an actor and are in the body.
  level TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  first_event INTEGER NOT NULL, last_event INTEGER NOT NULL,   -- Event time, of its alerts.
  contained_at INTEGER NOT NULL DEFAULT 0,                     -- 0: the affected set still grows.
  sealed_body BLOB NOT NULL,             -- v1.Incident without what other tables hold.
  PRIMARY KEY (tenant, incident_id)
) WITHOUT ROWID;
CREATE INDEX incident_by_group ON incident (tenant, group_hash, last_event);

CREATE TABLE alert (
  tenant TEXT NOT NULL, alert_id TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  rule_id TEXT NOT NULL, group_hash TEXT NOT NULL,
  first_event INTEGER NOT NULL,
  sealed_body BLOB NOT NULL,             -- v1.Alert
  PRIMARY KEY (tenant, alert_id),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;
CREATE INDEX alert_by_group ON alert (tenant, rule_id, group_hash, first_event);
CREATE INDEX alert_by_incident ON alert (tenant, incident_id);

-- The exact set of people to be told.
CREATE TABLE affected (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, ref BLOB NOT NULL,
  id_type TEXT NOT NULL, key_version INTEGER NOT NULL,
  PRIMARY KEY (tenant, incident_id, ref),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;

-- Numbers that an event gave, added once however often the event comes.
CREATE TABLE affected_event (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, event_id TEXT NOT NULL,
  subject_count INTEGER NOT NULL, record_count INTEGER NOT NULL, count_basis INTEGER NOT NULL,
  PRIMARY KEY (tenant, incident_id, event_id),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;

CREATE TABLE category (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (tenant, incident_id, name)
) WITHOUT ROWID;

-- Facts that legal clocks run from. One of a kind; never changed, never replaced by another kind.
CREATE TABLE clock_event (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, kind TEXT NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL,
  sealed_evidence BLOB NOT NULL, evidence_hash TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, incident_id, kind),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;

-- ── rounds: frozen sets of people, text and ways, which an approval binds ─────────────────────────────────────────
CREATE TABLE round (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, number INTEGER NOT NULL,
  purpose TEXT NOT NULL, state INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  recipients_hash TEXT NOT NULL, text_hash TEXT NOT NULL, channels_hash TEXT NOT NULL, binding TEXT NOT NULL,
  proposed_by TEXT NOT NULL, proposed_at INTEGER NOT NULL, approvals_needed INTEGER NOT NULL,
  sealed_facts BLOB NOT NULL,            -- v1.NoticeFacts as they were proposed.
  PRIMARY KEY (tenant, incident_id, number),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;

CREATE TABLE recipient (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, number INTEGER NOT NULL, ref BLOB NOT NULL,
  contact BLOB NOT NULL,                 -- Whose address is used; differs from ref for a guardian.
  kind TEXT NOT NULL,                    -- subject | minor | guardian
  ward BLOB NOT NULL,                    -- Of a guardian: the child; else empty.
  PRIMARY KEY (tenant, incident_id, number, ref),
  FOREIGN KEY (tenant, incident_id, number) REFERENCES round (tenant, incident_id, number)
) WITHOUT ROWID;
CREATE INDEX recipient_person ON recipient (tenant, incident_id, ref);
CREATE INDEX recipient_ward ON recipient (tenant, incident_id, number, ward);

-- An approval names the binding that it saw; one with another binding counts for nothing.
CREATE TABLE approval (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, number INTEGER NOT NULL, by TEXT NOT NULL, binding TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, incident_id, number, by, binding),
  FOREIGN KEY (tenant, incident_id, number) REFERENCES round (tenant, incident_id, number)
) WITHOUT ROWID;

-- ── contacts: a copy of the system of record, replaced whole ──────────────────────────────────────────────────────
CREATE TABLE contact (
  tenant TEXT NOT NULL, ref BLOB NOT NULL,
  id_type TEXT NOT NULL, key_version INTEGER NOT NULL,
  locale TEXT NOT NULL,
  guardian BLOB NOT NULL,                -- Ref of the guardian; empty for adults.
  sealed BLOB NOT NULL,                  -- Addresses.
  PRIMARY KEY (tenant, ref)
) WITHOUT ROWID;

-- ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- The words, as approved. `again` is the wording for a second sending after doubt.
CREATE TABLE notice_text (
  tenant TEXT NOT NULL, incident_id TEXT NOT NULL, text_id TEXT NOT NULL, again INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (tenant, incident_id, text_id, again)
);

CREATE TABLE notice (
  tenant TEXT NOT NULL, notice_id TEXT NOT NULL,
  incident_id TEXT NOT NULL, purpose TEXT NOT NULL, round INTEGER NOT NULL,
  ref TEXT NOT NULL,                     -- Hex, as in v1.Notice; empty for operations and announcement.
  contact BLOB NOT NULL,                 -- Empty for operations and announcement.
  channel TEXT NOT NULL, address TEXT NOT NULL,   -- address: which field of the contact (email | phone | push_token), or empty.
  locale TEXT NOT NULL, text_id TEXT NOT NULL,
  state INTEGER NOT NULL,                -- v1.NoticeState
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER NOT NULL,
  lease TEXT NOT NULL DEFAULT '', lease_until INTEGER NOT NULL DEFAULT 0,
  provider_ref TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
  possible_duplicate INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, settled_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, notice_id),
  FOREIGN KEY (tenant, incident_id) REFERENCES incident (tenant, incident_id)
) WITHOUT ROWID;
CREATE INDEX notice_due ON notice (tenant, channel, state, next_attempt);   -- A claim reads only what it takes.
CREATE INDEX notice_by_state ON notice (tenant, state, next_attempt);
CREATE INDEX notice_by_round ON notice (tenant, incident_id, round, state);
CREATE INDEX notice_by_person ON notice (tenant, incident_id, round, ref);

-- Every result that was ever recorded for a notice: the evidence.
CREATE TABLE attempt (
  tenant TEXT NOT NULL, notice_id TEXT NOT NULL, number INTEGER NOT NULL,
  at INTEGER NOT NULL, state INTEGER NOT NULL, provider_ref TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (tenant, notice_id, number)
) WITHOUT ROWID;

-- How often a crash or a lost answer left a sending in doubt: the upper bound of duplicates.
CREATE TABLE doubt (
  tenant TEXT NOT NULL, channel TEXT NOT NULL, times INTEGER NOT NULL,
  PRIMARY KEY (tenant, channel)
) WITHOUT ROWID;

-- ── audit ────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE principal (
  tenant TEXT NOT NULL, name TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

-- hash = BLAKE2b-256(hash of the row before ‖ this row). Only ever appended to; the triggers stop our own slips, the
-- chain finds everybody else's.
CREATE TABLE audit (
  tenant TEXT NOT NULL, seq INTEGER NOT NULL,
  at INTEGER NOT NULL, principal TEXT NOT NULL, act TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows never change'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows never go'); END;

CREATE TABLE audit_head (
  tenant TEXT PRIMARY KEY, rows INTEGER NOT NULL, hash TEXT NOT NULL
) WITHOUT ROWID;
