-- That a conversation was erased, kept for a day and without a word of it, so that everybody who
-- watches its account is told.

CREATE TABLE erased_conversation (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  revision BIGINT NOT NULL,
  erased_at BIGINT NOT NULL
);

CREATE INDEX erased_conversation_by_time ON erased_conversation (account_sid, erased_at, sid);
