-- The one row that whoever adds a key takes first, so that two nodes add one after the other.

CREATE TABLE key_ring (
  changes BIGINT NOT NULL
);

INSERT INTO key_ring (changes) VALUES (0);
