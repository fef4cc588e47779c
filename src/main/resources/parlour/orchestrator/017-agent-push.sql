-- The Web Push subscriptions of agents: at most one for each browser that is signed in, and for each one at most one push that waits.
-- A process of the version before does not know this table, so the database deletes the row of a browser that such a process signs out.

CREATE TABLE agent_push (
  digest TEXT PRIMARY KEY REFERENCES agent_session (digest) ON DELETE CASCADE,
  -- a holder of these three can show a notification in that browser
  endpoint TEXT NOT NULL,
  browser_key TEXT NOT NULL,
  auth TEXT NOT NULL,
  -- the push service, as the setting push.services names it, or a host below one that has accepted a push
  service TEXT NOT NULL,
  -- what the notification shows, from the page; the text has {desk} in place of the name of a desk
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- messages that were recorded until then need no push any more
  decided_until BIGINT NOT NULL,
  -- the number of messages that asked for a push, so that one during a call asks for the next
  wanted BIGINT NOT NULL,
  -- when the push that waits is sent, or sent again if the process that holds the lease is gone
  due_at BIGINT,
  lease TEXT,
  quiet_until BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  failing_since BIGINT,
  -- how many calls of the host had no answer, each while another host of its entry in push.services answered
  unanswered BIGINT NOT NULL
);

CREATE INDEX agent_push_by_endpoint ON agent_push (endpoint);
CREATE INDEX agent_push_by_service ON agent_push (service, digest);
CREATE INDEX agent_push_due ON agent_push (service, due_at) WHERE due_at IS NOT NULL;

-- The newest message of a guest in each conversation that has asked for pushes in the last day.
CREATE TABLE agent_push_message (
  conversation_sid TEXT PRIMARY KEY,
  account_sid TEXT NOT NULL,
  address_sid TEXT NOT NULL,
  -- the identity of the agent who worked on it then; empty: none
  assignee TEXT NOT NULL,
  -- grows with each message of the guest: its index, or that of a later message of another sender
  mark BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL
);

CREATE INDEX agent_push_message_by_account ON agent_push_message (account_sid, recorded_at);
CREATE INDEX agent_push_message_by_age ON agent_push_message (recorded_at);

-- Up to when the messages of an account's guests are recorded above.
CREATE TABLE agent_push_watch (
  account_sid TEXT PRIMARY KEY REFERENCES account (sid),
  since BIGINT NOT NULL
);
