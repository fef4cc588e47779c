-- What clients of the public Conversations API ask for: how many messages there are, and when the
-- state, a read mark or a participant last changed.

-- the messages that were not removed
ALTER TABLE conversation ADD COLUMN message_count BIGINT NOT NULL DEFAULT 0;
UPDATE conversation SET message_count =
  (SELECT count(*) FROM message
    WHERE message.conversation_sid = conversation.sid AND NOT message.removed);

-- Of a conversation that was reopened before this column, the time is not known: its start is taken.
ALTER TABLE conversation ADD COLUMN state_at BIGINT NOT NULL DEFAULT 0;
UPDATE conversation
SET state_at = CASE WHEN state = 'closed' THEN last_activity_at ELSE created_at END;

-- the last change of attributes or inbox_read_index; changes of before were told to nobody
ALTER TABLE conversation ADD COLUMN details_revision BIGINT NOT NULL DEFAULT 1;

ALTER TABLE participant ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
-- when read_index last changed; not known of what was read before this column
ALTER TABLE participant ADD COLUMN read_at BIGINT;
ALTER TABLE participant ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
UPDATE participant SET updated_at = COALESCE(left_at, joined_at);
