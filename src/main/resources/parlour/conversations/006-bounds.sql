-- What a conversation holds, so that it can be bounded, and the deployment that it was begun at, by
-- which it is kept. Conversations of before have none: they are kept until somebody erases them.

-- the bytes of its messages and their attributes, as they were sent
ALTER TABLE conversation ADD COLUMN message_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE conversation SET message_bytes = COALESCE(
  (SELECT SUM(OCTET_LENGTH(body) + OCTET_LENGTH(attributes)) FROM message
    WHERE message.conversation_sid = conversation.sid), 0);

ALTER TABLE conversation ADD COLUMN deployment_key TEXT;

-- Quiet conversations are looked for among those of their deployment that began long ago. The time of
-- the last change is no part of it: every message would move its entry.
CREATE INDEX conversation_by_deployment ON conversation (deployment_key, created_at);
