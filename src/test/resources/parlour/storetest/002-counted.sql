-- For SQLite's own tests only: PostgreSQL writes it differently.
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);
