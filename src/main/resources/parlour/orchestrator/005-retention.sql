-- For how long conversations of a deployment are kept after their last change; none: for ever.

ALTER TABLE deployment ADD COLUMN keep_seconds BIGINT;
