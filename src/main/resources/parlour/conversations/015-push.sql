-- The Web Push subscriptions of guests: at most one for each session, and for each one at most one push that waits.

CREATE TABLE push_subscription (
  session_sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid) ON DELETE CASCADE,
  identity TEXT NOT NULL,
  -- a holder of these three can show a notification in that browser
  endpoint TEXT NOT NULL,
  browser_key TEXT NOT NULL,
  auth TEXT NOT NULL,
  -- the push service, as the setting push.services names it
  service TEXT NOT NULL,
  -- what the notification shows, from the page
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- when the session was last known not to have ended
  checked_at BIGINT NOT NULL,
  -- the number of messages that asked for a push, so that one during a call asks for the next
  wanted BIGINT NOT NULL,
  -- when the push that waits is sent, or sent again if the process that holds the lease is gone
  due_at BIGINT,
  lease TEXT,
  quiet_until BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  failing_since BIGINT
);

CREATE INDEX push_subscription_by_conversation ON push_subscription (conversation_sid);
CREATE INDEX push_subscription_by_endpoint ON push_subscription (endpoint);
CREATE INDEX push_subscription_by_check ON push_subscription (checked_at);
CREATE INDEX push_subscription_due ON push_subscription (service, due_at) WHERE due_at IS NOT NULL;
