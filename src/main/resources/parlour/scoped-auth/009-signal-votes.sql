-- How often the signals of fingerprints differ. Each network has one vote in a deployment; slot and voter
-- are parts of a keyed digest of the network. differing has one bit for each signal that differed at
-- differed_at.

CREATE TABLE signal_vote (
  deployment_key TEXT NOT NULL,
  slot BIGINT NOT NULL,
  voter BIGINT NOT NULL,
  judged_at BIGINT NOT NULL,
  differing BIGINT NOT NULL,
  differed_at BIGINT NOT NULL,
  PRIMARY KEY (deployment_key, slot)
);

CREATE INDEX signal_vote_by_age ON signal_vote (judged_at);

-- The signals that only observe in a deployment, by their votes since an instant or because an operator
-- said so, and those that an operator lets decide in any case; one bit for each signal.

CREATE TABLE signal_state (
  deployment_key TEXT PRIMARY KEY,
  observing BIGINT NOT NULL DEFAULT 0,
  since BIGINT,
  always_observe BIGINT NOT NULL DEFAULT 0,
  always_decide BIGINT NOT NULL DEFAULT 0
);

-- In which signals a session last differed without being refused.

ALTER TABLE guest_session ADD COLUMN last_observed_why TEXT;
