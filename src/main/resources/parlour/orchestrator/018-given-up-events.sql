-- How well each webhook works, and the events that were given up, so that they can be sent again.

-- since when the conversation has had an event that was not delivered
ALTER TABLE webhook_delivery ADD COLUMN waiting_since BIGINT;
UPDATE webhook_delivery SET waiting_since = COALESCE(failing_since, due_at)
  WHERE told_revision < known_revision;

-- the last event that the webhook accepted, and the last one that it did not, each to within some seconds
ALTER TABLE address ADD COLUMN webhook_accepted_at BIGINT;
ALTER TABLE address ADD COLUMN webhook_failed_at BIGINT;
ALTER TABLE address ADD COLUMN webhook_error TEXT;

-- An event is read from its conversation when it is sent, so its content is not here.
CREATE TABLE webhook_given_up (
  event_id TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  address_sid TEXT NOT NULL REFERENCES address (sid),
  conversation_sid TEXT NOT NULL,
  event_type TEXT NOT NULL,
  -- the event is the first one after this revision and this message
  after_revision BIGINT NOT NULL,
  after_index BIGINT NOT NULL,
  given_up_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  -- when it is sent again, or sent again if the process that holds the lease is gone; null: nobody has asked for it
  due_at BIGINT,
  lease TEXT
);

CREATE INDEX webhook_given_up_newest ON webhook_given_up (address_sid, given_up_at);
CREATE INDEX webhook_given_up_by_age ON webhook_given_up (given_up_at);
CREATE INDEX webhook_given_up_of_conversation ON webhook_given_up (conversation_sid);
CREATE INDEX webhook_given_up_due ON webhook_given_up (address_sid, due_at) WHERE due_at IS NOT NULL;
