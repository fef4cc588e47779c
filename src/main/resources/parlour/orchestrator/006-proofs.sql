-- Whether new sessions are bound to a key of the browser, and how long they live.

-- off, prefer or require
ALTER TABLE deployment ADD COLUMN proof TEXT NOT NULL DEFAULT 'prefer';
-- none: the default
ALTER TABLE deployment ADD COLUMN idle_ttl_seconds BIGINT;

-- session_ttl_seconds can be null from now on: the default, which depends on whether a session is
-- bound. So it was for deployments with the default of before, which was a day for all sessions.
ALTER TABLE deployment RENAME COLUMN session_ttl_seconds TO session_ttl_seconds_before;
ALTER TABLE deployment ADD COLUMN session_ttl_seconds BIGINT;
UPDATE deployment SET session_ttl_seconds = NULLIF(session_ttl_seconds_before, 86400);
ALTER TABLE deployment DROP COLUMN session_ttl_seconds_before;
