-- Whoever holds sockets open asks all the time which sessions were revoked; agents see the session
-- of each conversation they look at.

CREATE INDEX guest_session_by_revocation ON guest_session (revoked_at, sid) WHERE revoked_at IS NOT NULL;
CREATE INDEX guest_session_by_conversation ON guest_session (conversation_sid, created_at);
