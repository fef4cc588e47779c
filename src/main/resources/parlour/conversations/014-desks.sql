-- The lists of an agent who does not see all desks: each desk's part of a list is found by an index of its own.

CREATE INDEX conversation_by_desk ON conversation (address_sid, state, last_activity_at, sid) WHERE guest_spoke;
CREATE INDEX conversation_by_desk_waiting ON conversation (address_sid, waiting_since, sid)
  WHERE waiting_since IS NOT NULL;
