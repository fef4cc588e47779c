-- The installation that this store belongs to, and when a process last noted that it was in use.

CREATE TABLE installation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  alive_at BIGINT NOT NULL
);
