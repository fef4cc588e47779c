-- The files of conversations. The bytes are elsewhere, or in media_chunk.

CREATE TABLE media (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  -- NULL for a file that a server uploaded, until a message takes it
  conversation_sid TEXT,
  -- the participant who uploaded it; '' for a server
  author TEXT NOT NULL,
  -- NULL until a message takes it
  message_sid TEXT,
  file_name TEXT NOT NULL,
  category TEXT NOT NULL,
  -- the uploader's own id of it, by which a repeated upload is recognized when it has arrived
  client_id TEXT,
  -- arriving, checking, stored, or deleted: the bytes are deleted after that, and then this row
  state TEXT NOT NULL,
  -- NULL while it is arriving
  content_type TEXT,
  -- while it is arriving: the room that is reserved for it
  file_bytes BIGINT NOT NULL,
  -- NULL if it has no preview
  preview_type TEXT,
  preview_bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX media_by_conversation ON media (conversation_sid);
CREATE UNIQUE INDEX media_by_client_id ON media (conversation_sid, author, client_id)
  WHERE state = 'stored';
CREATE INDEX media_by_message ON media (message_sid);
CREATE INDEX media_unsent ON media (created_at) WHERE message_sid IS NULL;
CREATE INDEX media_deleted ON media (sid) WHERE state = 'deleted';

-- How many bytes the files of each account have, with what is reserved for those that arrive.
CREATE TABLE media_usage (
  account_sid TEXT PRIMARY KEY,
  bytes BIGINT NOT NULL
);

-- The bytes of files, where they are kept in the database.
CREATE TABLE media_chunk (
  media_sid TEXT NOT NULL,
  part TEXT NOT NULL,
  number BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (media_sid, part, number)
);

-- What a message says of its files, as JSON; NULL if it has none.
ALTER TABLE message ADD COLUMN files TEXT;
