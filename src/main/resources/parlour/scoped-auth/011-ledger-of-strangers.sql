-- Lists refusals, and finds the oldest of what strangers can cause: it is deleted first.

CREATE INDEX ledger_entry_of_strangers ON ledger_entry (at, id)
  WHERE code > 0 OR event IN ('difference-observed', 'replay-proven');
