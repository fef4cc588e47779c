-- The tables of ScopedAuthService. No token, no fingerprint and no IP address is kept here.

CREATE TABLE guest_session (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  deployment_key TEXT NOT NULL,
  identity TEXT NOT NULL,
  conversation_sid TEXT NOT NULL,
  -- the newest generation that was ever used, and when the last ones were first used (bounded)
  generation BIGINT NOT NULL,
  confirmations TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_why TEXT,
  refusals BIGINT NOT NULL DEFAULT 0,
  replays BIGINT NOT NULL DEFAULT 0,
  observed BIGINT NOT NULL DEFAULT 0,
  last_refused_at BIGINT,
  last_refused_why TEXT
);

CREATE INDEX guest_session_by_expiry ON guest_session (expires_at);
CREATE INDEX guest_session_by_creation ON guest_session (created_at, sid);

-- One row per key of the ring; sealed is a Tink keyset under the master key.
CREATE TABLE token_key (
  id BIGINT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  primary_from BIGINT NOT NULL,
  sealed BLOB NOT NULL
);
