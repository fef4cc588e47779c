-- How often another browser than its own presented a token of guessed_generation, the newest one that
-- this happened to; and whether the browser that first used the newest generation differed in nothing
-- from the one that it was issued to.

ALTER TABLE guest_session ADD COLUMN guesses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE guest_session ADD COLUMN guessed_generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE guest_session ADD COLUMN confirmed_exactly BOOLEAN NOT NULL DEFAULT TRUE;
