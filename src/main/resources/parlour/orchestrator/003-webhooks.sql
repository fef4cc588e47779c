-- What is told to webhooks, and how far.

-- when the address began to answer by webhook: what was said before is not told
ALTER TABLE address ADD COLUMN webhook_since BIGINT;

-- Up to when an account's changes are noted below.
CREATE TABLE webhook_watch (
  account_sid TEXT PRIMARY KEY REFERENCES account (sid),
  since BIGINT NOT NULL
);

-- How far a conversation is told.
CREATE TABLE webhook_delivery (
  conversation_sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  address_sid TEXT NOT NULL REFERENCES address (sid),
  -- the latest revision that is known of
  known_revision BIGINT NOT NULL,
  -- everything up to this revision is told, and the messages up to this index
  told_revision BIGINT NOT NULL,
  told_index BIGINT NOT NULL,
  -- of the event that is next
  failures BIGINT NOT NULL,
  failing_since BIGINT,
  last_error TEXT,
  -- when it is to be told on; while somebody does, when they count as dead
  due_at BIGINT NOT NULL,
  -- who does
  lease TEXT
);

CREATE INDEX webhook_delivery_waiting ON webhook_delivery (address_sid, due_at)
  WHERE told_revision < known_revision;
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (due_at);
