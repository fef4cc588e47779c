-- Whether clients that Parlour did not make can open the realtime socket of a deployment.

ALTER TABLE deployment ADD COLUMN realtime BOOLEAN NOT NULL DEFAULT FALSE;
