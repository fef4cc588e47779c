-- Notes about conversations, which only agents see. No query for guests, servers or webhooks reads this table.

CREATE TABLE note (
  conversation_sid TEXT NOT NULL,
  -- the revision of the conversation that added it: its place among the messages, and its number
  added_revision BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  author TEXT NOT NULL,
  author_name TEXT NOT NULL,
  body TEXT NOT NULL,
  -- the page's own id, by which a repeated call is recognized
  client_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  removed BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (conversation_sid, added_revision)
);

CREATE UNIQUE INDEX note_by_client_id ON note (conversation_sid, author, client_id);
CREATE INDEX note_by_revision ON note (conversation_sid, revision);
