-- How long after its end a conversation of a deployment can be reopened; 0: not at all.

ALTER TABLE deployment ADD COLUMN reopen_seconds BIGINT NOT NULL DEFAULT 86400;
