-- The closed conversations of an agent, for the filter of the inbox. A closed conversation seldom changes, so this index costs its writers little.

CREATE INDEX conversation_by_assignee_closed ON conversation (account_sid, assignee, last_activity_at, sid)
  WHERE guest_spoke AND state = 'closed';
