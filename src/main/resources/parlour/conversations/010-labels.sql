-- The labels that agents give to conversations.

CREATE TABLE conversation_label (
  conversation_sid TEXT NOT NULL,
  label TEXT NOT NULL,
  account_sid TEXT NOT NULL,
  -- when the conversation began, so that the list of a label is the order of an index
  began_at BIGINT NOT NULL,
  PRIMARY KEY (conversation_sid, label)
);

CREATE INDEX conversation_label_by_label
  ON conversation_label (account_sid, label, began_at, conversation_sid);
