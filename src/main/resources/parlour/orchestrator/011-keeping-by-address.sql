-- For how long conversations of an address are kept after their last change; none: for ever, unless their
-- deployment has a time. Processes of the version before read keep_seconds of the deployment in a join with
-- this table, so that the name must be another one.

ALTER TABLE address ADD COLUMN kept_seconds BIGINT;
