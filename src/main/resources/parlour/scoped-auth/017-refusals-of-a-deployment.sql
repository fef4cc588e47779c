-- Lists the refusals of a deployment without its other events: guests can end so many chats that to pass
-- over these takes longer than a read may.

CREATE INDEX ledger_entry_refusals_by_deployment ON ledger_entry (deployment_key, at, id)
  WHERE deployment_key IS NOT NULL AND code > 0 AND event <> 'outage';
