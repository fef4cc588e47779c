-- Counts the live sessions of a deployment and ends them, without reading those that have ended.

CREATE INDEX guest_session_live_by_deployment ON guest_session (deployment_key, expires_at)
  WHERE revoked_at IS NULL;
