-- What was refused or revoked, and what agents and operators did. No token, no value of a signal and no
-- IP address is kept here. id distinguishes entries of one millisecond; left_out is 0, or the number of
-- events of this kind and cause that were only counted.

CREATE TABLE ledger_entry (
  at BIGINT NOT NULL,
  id BIGINT NOT NULL,
  trace_id TEXT,
  event TEXT NOT NULL,
  code INTEGER NOT NULL,
  cause TEXT NOT NULL,
  signals TEXT NOT NULL,
  session_sid TEXT,
  deployment_key TEXT,
  page TEXT,
  actor TEXT NOT NULL,
  object TEXT NOT NULL,
  left_out BIGINT NOT NULL,
  PRIMARY KEY (at, id)
);

CREATE INDEX ledger_entry_by_trace ON ledger_entry (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX ledger_entry_by_deployment ON ledger_entry (deployment_key, at, id)
  WHERE deployment_key IS NOT NULL;
CREATE INDEX ledger_entry_by_cause ON ledger_entry (cause, at, id);

-- The number of entries of each day (since 1970, in UTC): counting millions of rows takes too long.

CREATE TABLE ledger_day (
  day BIGINT PRIMARY KEY,
  entries BIGINT NOT NULL
);
