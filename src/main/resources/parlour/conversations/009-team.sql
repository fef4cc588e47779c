-- Which agent works on a conversation, and since when its guest waits for an answer.

-- The agent's identity; '' for none. Not NULL, because PostgreSQL does not use the order of an index
-- behind a column that IS NULL.
ALTER TABLE conversation ADD COLUMN assignee TEXT NOT NULL DEFAULT '';

-- the time of the first message that nobody has answered, while the conversation is open; NULL if
-- the guest does not wait
ALTER TABLE conversation ADD COLUMN waiting_since BIGINT;
UPDATE conversation SET waiting_since =
  (SELECT created_at FROM message
    WHERE conversation_sid = conversation.sid AND author_kind = 'guest'
      AND message_index > COALESCE(
        (SELECT MAX(message_index) FROM message AS answer
          WHERE answer.conversation_sid = conversation.sid AND answer.author_kind <> 'guest'
            AND answer.author <> 'greeter'), -1)
    ORDER BY message_index LIMIT 1)
WHERE state = 'active';

CREATE INDEX conversation_by_assignee ON conversation (account_sid, assignee, last_activity_at, sid)
  WHERE guest_spoke AND state = 'active';
CREATE INDEX conversation_by_waiting ON conversation (account_sid, waiting_since, sid)
  WHERE waiting_since IS NOT NULL;
