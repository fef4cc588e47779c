-- The agents who see the conversations of an address. All agents of the account see those of an address without
-- members. The identity of a removed agent is never given again, so a row that an old process leaves behind gives nobody access.

CREATE TABLE desk_member (
  address_sid TEXT NOT NULL REFERENCES address (sid),
  agent_identity TEXT NOT NULL,
  account_sid TEXT NOT NULL,
  PRIMARY KEY (address_sid, agent_identity)
);

CREATE INDEX desk_member_by_account ON desk_member (account_sid, address_sid);
CREATE INDEX desk_member_by_agent ON desk_member (agent_identity);
