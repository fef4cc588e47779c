-- The index that 020 replaces. In a transaction of its own: one that had made an index would keep its lock while it waits for readers to end,
-- and a sender who has read would wait for that lock.

DROP INDEX message_by_revision;
