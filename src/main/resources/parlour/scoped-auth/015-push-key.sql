-- The key pair by which push services recognize this installation (RFC 8292), made when it is first needed.

CREATE TABLE push_key (
  id BIGINT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  public_key TEXT NOT NULL,
  -- the private key (PKCS#8) under the master key
  sealed BLOB NOT NULL
);
