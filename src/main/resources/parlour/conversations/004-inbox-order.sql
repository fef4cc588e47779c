-- The inbox orders conversations by the last thing that was said, and by their start, end or reopening.
-- updated_at cannot serve: it marks every change, also that somebody read.

ALTER TABLE conversation ADD COLUMN last_activity_at BIGINT NOT NULL DEFAULT 0;
UPDATE conversation SET last_activity_at = COALESCE(
  (SELECT created_at FROM message
   WHERE conversation_sid = conversation.sid AND message_index = conversation.next_index - 1),
  created_at);

-- The inbox shows a conversation once its guest has said something. Those from before this column
-- stay visible.
ALTER TABLE conversation ADD COLUMN guest_spoke BOOLEAN NOT NULL DEFAULT TRUE;

CREATE INDEX conversation_by_activity
  ON conversation (account_sid, state, last_activity_at, sid) WHERE guest_spoke;

-- A guest's other conversations.
CREATE INDEX participant_by_identity ON participant (identity) WHERE kind = 'guest';
