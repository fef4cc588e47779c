-- Who answers: agents, and what an address does with a conversation.

CREATE TABLE agent (
  name TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL REFERENCES account (sid),
  -- SHA-256: the password is made by us, of 120 random bits, shown once and kept nowhere
  password_digest BLOB NOT NULL,
  created_at BIGINT NOT NULL
);

-- An agent's browser that is signed in; the secret in its cookie is kept as a digest.
CREATE TABLE agent_session (
  digest TEXT PRIMARY KEY,
  agent_name TEXT NOT NULL REFERENCES agent (name),
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

CREATE INDEX agent_session_by_agent ON agent_session (agent_name);
CREATE INDEX agent_session_by_age ON agent_session (seen_at);

-- said to a new guest before anybody else says anything; {name} is the guest's
ALTER TABLE address ADD COLUMN greeting TEXT;
-- where the events of its conversations go, and the secret that signs them; none: the inbox
ALTER TABLE address ADD COLUMN webhook_url TEXT;
ALTER TABLE address ADD COLUMN webhook_secret TEXT;
