-- The tables of Conversations.

CREATE TABLE conversation (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  address_sid TEXT NOT NULL,
  state TEXT NOT NULL,
  pre_engagement_data TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX conversation_by_account ON conversation (account_sid, created_at);

CREATE TABLE participant (
  sid TEXT PRIMARY KEY,
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid),
  identity TEXT NOT NULL,
  friendly_name TEXT NOT NULL,
  joined_at BIGINT NOT NULL,
  UNIQUE (conversation_sid, identity)
);
