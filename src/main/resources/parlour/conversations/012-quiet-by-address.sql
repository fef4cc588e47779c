-- Quiet conversations are found among those of their address that began long ago, as by their deployment. The time
-- of the last change is not in the index: every message would move its entry.

CREATE INDEX conversation_by_address ON conversation (address_sid, created_at);
