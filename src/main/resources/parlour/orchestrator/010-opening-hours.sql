-- When an address is attended, and which agents have the inbox open.

-- the IANA name of the zone of the hours; none: attended at all hours
ALTER TABLE address ADD COLUMN time_zone TEXT;
-- a line for each day, such as: mon 09:00-12:30,13:30-18:00
ALTER TABLE address ADD COLUMN opening_hours TEXT;
-- local dates on which no hours begin, one a line
ALTER TABLE address ADD COLUMN holidays TEXT;
-- what the widget shows while nobody answers; none: its own words
ALTER TABLE address ADD COLUMN away_text TEXT;

-- when the browser last had the inbox open; none: unknown, as no node that records it had its socket
ALTER TABLE agent_session ADD COLUMN connected_at BIGINT;
