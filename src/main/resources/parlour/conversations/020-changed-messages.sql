-- An index of revisions for the messages that were edited or removed alone, which are few: each new message changed a page of the index of all.
-- A message that was only added is found by its place (SqlChanges).

CREATE INDEX message_changed ON message (conversation_sid, revision) WHERE revision > added_revision;
