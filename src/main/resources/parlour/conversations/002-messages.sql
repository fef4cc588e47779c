-- Messages, and the log that a conversation is: each change takes the conversation's next revision,
-- and what it changed carries that number. Whoever knows everything up to a revision asks for the
-- rows above it.

ALTER TABLE conversation ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE conversation ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE conversation ADD COLUMN state_revision BIGINT NOT NULL DEFAULT 1;
-- the index of the next message: indices have no gaps
ALTER TABLE conversation ADD COLUMN next_index BIGINT NOT NULL DEFAULT 0;
-- the last message that some agent has read
ALTER TABLE conversation ADD COLUMN inbox_read_index BIGINT NOT NULL DEFAULT -1;
ALTER TABLE conversation ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE conversation SET updated_at = created_at;

CREATE INDEX conversation_by_change ON conversation (account_sid, updated_at);

ALTER TABLE participant ADD COLUMN kind TEXT NOT NULL DEFAULT 'guest';
ALTER TABLE participant ADD COLUMN read_index BIGINT NOT NULL DEFAULT -1;
ALTER TABLE participant ADD COLUMN joined_revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE participant ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE participant ADD COLUMN left_at BIGINT;

CREATE TABLE message (
  sid TEXT PRIMARY KEY,
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid),
  message_index BIGINT NOT NULL,
  author TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_name TEXT NOT NULL,
  body TEXT NOT NULL,
  attributes TEXT NOT NULL,
  -- the sender's own id of it, by which a resend is known
  client_id TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  added_revision BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  -- a removed message keeps its place, and nothing of what it said
  removed BOOLEAN NOT NULL,
  UNIQUE (conversation_sid, message_index)
);

CREATE UNIQUE INDEX message_by_client_id ON message (conversation_sid, author, client_id)
  WHERE client_id IS NOT NULL;
CREATE INDEX message_by_revision ON message (conversation_sid, revision);
