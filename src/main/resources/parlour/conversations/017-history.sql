-- The history of conversations for their agents: who worked on them, and who closed them. No query for guests, servers or webhooks reads this table.
-- A process of the version before does not know this table, so the database deletes the rows of a conversation that such a process erases.

CREATE TABLE conversation_event (
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid) ON DELETE CASCADE,
  -- the revision of the conversation that made the change: its place among the messages
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  -- the identity that made the change; '' if the account's own server did
  done_by TEXT NOT NULL,
  -- the identity that the change is about; '' for none
  about TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (conversation_sid, revision)
);

-- To find the conversations that a removed agent leaves.
CREATE INDEX participant_by_agent ON participant (identity) WHERE kind = 'agent' AND left_at IS NULL;
