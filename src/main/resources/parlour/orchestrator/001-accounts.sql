-- The tables of FlexWebchatOrchestratorService.

CREATE TABLE account (
  sid TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- SHA-256: the token itself is 128 random bits, shown once and kept nowhere
  auth_token_digest BLOB NOT NULL,
  digest_key BLOB NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE address (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL REFERENCES account (sid),
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE deployment (
  deployment_key TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL REFERENCES account (sid),
  name TEXT NOT NULL,
  address_sid TEXT REFERENCES address (sid),
  -- separated by one space
  allowed_origins TEXT NOT NULL,
  fingerprint_sensitivity TEXT NOT NULL,
  token_ttl_seconds BIGINT NOT NULL,
  session_ttl_seconds BIGINT NOT NULL,
  revoke_on_replay BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE directory_version (
  version BIGINT NOT NULL
);

INSERT INTO directory_version (version) VALUES (1);
