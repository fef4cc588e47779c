-- Agents who sign in at an identity provider (OpenID Connect), and have no password.

-- A row without its agent keeps the person out: an operator has removed the agent.
CREATE TABLE agent_login (
  account_sid TEXT NOT NULL,
  -- both name the person; an address of mail or a user name never does
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  agent_identity TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  signed_in_at BIGINT NOT NULL,
  PRIMARY KEY (account_sid, issuer, subject)
);
CREATE UNIQUE INDEX agent_login_by_identity ON agent_login (agent_identity);
CREATE INDEX agent_login_by_name ON agent_login (agent_name);

-- Attempts that have succeeded: none succeeds twice.
CREATE TABLE agent_login_attempt (
  digest TEXT PRIMARY KEY,
  used_at BIGINT NOT NULL
);
CREATE INDEX agent_login_attempt_by_age ON agent_login_attempt (used_at);

-- milliseconds by which a browser is signed out sooner than after a sign-in by password
ALTER TABLE agent_session ADD COLUMN ends_sooner BIGINT NOT NULL DEFAULT 0;
