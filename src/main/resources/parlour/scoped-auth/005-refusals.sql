-- Open inboxes poll for tokens that were refused in their account.

CREATE INDEX guest_session_by_refusal ON guest_session (account_sid, last_refused_at)
  WHERE last_refused_at IS NOT NULL;
