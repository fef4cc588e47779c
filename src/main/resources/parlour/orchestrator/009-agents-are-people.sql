-- The name of an agent that guests see, and what the agent can do.

-- Names the agent in conversations. That of an agent from before this version contains the name to
-- sign in with, because their messages have it as their author.
ALTER TABLE agent ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE agent SET identity = 'agent_' || name;
CREATE UNIQUE INDEX agent_by_identity ON agent (identity);

-- guests have seen the name of an agent from before this version
ALTER TABLE agent ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
UPDATE agent SET display_name = name;

-- admin, agent or auditor; every agent could do everything before this version
ALTER TABLE agent ADD COLUMN agent_role TEXT NOT NULL DEFAULT 'admin';
CREATE INDEX agent_by_account ON agent (account_sid, name);

-- the User-Agent of the browser, so that an agent recognises it
ALTER TABLE agent_session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
