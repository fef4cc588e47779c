-- The index of texts: messages, notes, and the names of guests. A task fills it after each change, so that no message
-- waits for it. How: docs/adr/0070-search.md.

-- The index has all changes up to this revision. A change of a conversation puts it into the list of the task, without a
-- statement of its own.
ALTER TABLE conversation ADD COLUMN indexed_revision BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversation_to_index ON conversation (updated_at) WHERE revision > indexed_revision;

-- One row for each text. terms are its different words in normal form, with the account in front of each.
-- id is the time of the text, or almost, so that the newest texts are found first. A process of the version before does
-- not know this table, so the database deletes the rows of a conversation that such a process erases.

-- only SQLite:
CREATE TABLE search_document (
  id INTEGER PRIMARY KEY,
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  terms TEXT NOT NULL
);

-- only PostgreSQL:
CREATE TABLE search_document (
  id BIGINT PRIMARY KEY,
  conversation_sid TEXT NOT NULL REFERENCES conversation (sid) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  terms TEXT NOT NULL,
  vector TSVECTOR GENERATED ALWAYS AS (CAST(terms AS TSVECTOR)) STORED
);

CREATE UNIQUE INDEX search_document_by_text ON search_document (conversation_sid, kind, number);

-- only PostgreSQL:
CREATE INDEX search_document_by_term ON search_document USING gin (vector);

-- only SQLite:
-- The prefixes are those of SearchQuery, one to eight characters, behind the four characters of the account.
CREATE VIRTUAL TABLE search_document_terms USING fts5(
  terms, content='search_document', content_rowid='id', columnsize=0, detail='none', tokenize='ascii', prefix='5 6 7 9 12');

-- only SQLite:
-- Deleted terms leave the disk, as other deleted content does.
INSERT INTO search_document_terms (search_document_terms, rank) VALUES ('secure-delete', 1);

-- only SQLite:
CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN
  INSERT INTO search_document_terms (rowid, terms) VALUES (new.id, new.terms);
END;

-- only SQLite:
CREATE TRIGGER search_document_deleted AFTER DELETE ON search_document BEGIN
  INSERT INTO search_document_terms (search_document_terms, rowid, terms) VALUES ('delete', old.id, old.terms);
END;
