-- The table of the store's own tests.
CREATE TABLE thing (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL CHECK (number >= 0),
  done BOOLEAN NOT NULL DEFAULT FALSE,
  body BLOB,
  happened_at BIGINT
);

CREATE TABLE part (
  id TEXT PRIMARY KEY,
  thing TEXT NOT NULL REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED
);
