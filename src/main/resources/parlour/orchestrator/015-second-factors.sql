-- Second factors of agents: codes by time (RFC 6238), and recovery codes.

-- optional or required: whether the agents of an account must have one
ALTER TABLE account ADD COLUMN second_factor TEXT NOT NULL DEFAULT 'optional';

-- The identity of a removed agent is never given again, so a row that an old process leaves behind gives nobody access.
CREATE TABLE second_factor (
  agent_identity TEXT PRIMARY KEY,
  -- the secret of an app that was not confirmed by a code yet, sealed by ScopedAuthService
  pending TEXT,
  pending_since BIGINT NOT NULL,
  -- the secret whose codes a sign-in needs, sealed in the same way
  sealed TEXT,
  -- the time step of the newest code that was used: neither it nor an older one is accepted again
  last_step BIGINT NOT NULL,
  -- codes that were tried since the instant, the right one excepted
  tries BIGINT NOT NULL,
  tries_since BIGINT NOT NULL
);

-- SHA-256: a code is 80 random bits, shown once; it is deleted when it is used
CREATE TABLE recovery_code (
  agent_identity TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (agent_identity, digest)
);
