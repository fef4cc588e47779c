-- Answers that the agents of an account have prepared.

CREATE TABLE canned_reply (
  account_sid TEXT NOT NULL REFERENCES account (sid),
  -- the title in lower case: the same title in another case is the same answer
  title_key TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (account_sid, title_key)
);
