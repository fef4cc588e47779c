-- Lists the refusals of a deployment for one cause: the other indexes fit only one of the two, so that a
-- rare cause in a busy deployment would be looked for among all its entries.

CREATE INDEX ledger_entry_by_deployment_and_cause ON ledger_entry (deployment_key, cause, at, id)
  WHERE deployment_key IS NOT NULL;
