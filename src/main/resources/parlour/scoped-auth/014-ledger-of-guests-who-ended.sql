-- The end of a chat by its guest counts as an event that strangers can cause, and is deleted before the
-- changes of agents, servers and commands.

DROP INDEX ledger_entry_of_strangers;

CREATE INDEX ledger_entry_of_strangers ON ledger_entry (at, id)
  WHERE code > 0 OR event IN ('difference-observed', 'replay-proven', 'guest-ended');
