-- Lists the refusals of a deployment without its other events: a read that passes over the ends of very many
-- chats can exceed its deadline.

CREATE INDEX ledger_entry_refusals_by_deployment ON ledger_entry (deployment_key, at, id)
  WHERE deployment_key IS NOT NULL AND code > 0 AND event <> 'outage';
