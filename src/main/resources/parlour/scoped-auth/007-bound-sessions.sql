-- A session that is bound to a key of its browser ends when no new token was used for idle_ttl
-- (milliseconds), and at ends_at at the latest; expires_at moves with each new token that is used.
-- Both are null in any other session, whose expires_at never moves.

ALTER TABLE guest_session ADD COLUMN idle_ttl BIGINT;
ALTER TABLE guest_session ADD COLUMN ends_at BIGINT;
