-- Sockets of superseded tokens end at once when one of their session's tokens is replayed; commands
-- list and end the sessions of one deployment.

ALTER TABLE guest_session ADD COLUMN replayed_at BIGINT;

CREATE INDEX guest_session_by_replay ON guest_session (replayed_at, sid) WHERE replayed_at IS NOT NULL;
CREATE INDEX guest_session_by_deployment ON guest_session (deployment_key, created_at, sid);
