// SQL schema of the look-alike; all tables are called `servicebus_…`, for the database may be shared.

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS servicebus_entities (
    entity INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, last_sequence INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS servicebus_messages (
    id INTEGER PRIMARY KEY, state INTEGER NOT NULL, session TEXT, deliveries INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL, time_to_live INTEGER, expires_at INTEGER, due_at INTEGER,
    enqueue_sequence INTEGER NOT NULL, dead_letter_source TEXT);
  CREATE INDEX IF NOT EXISTS servicebus_by_session ON servicebus_messages (session, id) WHERE session IS NOT NULL;
  CREATE INDEX IF NOT EXISTS servicebus_by_expiry ON servicebus_messages (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS servicebus_by_due ON servicebus_messages (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS servicebus_payloads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS servicebus_seen (
    entity INTEGER NOT NULL, message_id TEXT NOT NULL, forget_at INTEGER NOT NULL,
    PRIMARY KEY (entity, message_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS servicebus_seen_until ON servicebus_seen (forget_at);
  CREATE TABLE IF NOT EXISTS servicebus_sessions (
    entity INTEGER NOT NULL, session TEXT NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (entity, session)) WITHOUT ROWID;`;
