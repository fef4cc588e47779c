-- Keys of an account's programs for the server-side API, beside the account's auth token.

CREATE TABLE api_key (
  sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL REFERENCES account (sid),
  -- for operators
  name TEXT NOT NULL,
  -- SHA-256: the secret itself is 128 random bits, shown once and kept nowhere
  secret_digest BLOB NOT NULL,
  -- read, write, erase: separated by one space
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- the day of the last call, counted from 1970-01-01 in UTC
  last_used_day BIGINT
);

CREATE INDEX api_key_by_account ON api_key (account_sid);
