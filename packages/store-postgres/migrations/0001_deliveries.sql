-- One row for each delivery of AhaSend: its owner, or that it is done.
CREATE TABLE IF NOT EXISTS "public"."ahasend_deliveries" (
  -- The name of the endpoint, a colon, and the header webhook-id.
  key text COLLATE "C" PRIMARY KEY,
  -- The owner that handles it; null if there is none.
  token text,
  -- The number of claims.
  attempt integer NOT NULL DEFAULT 1,
  leased_until timestamptz,
  done boolean NOT NULL DEFAULT false,
  -- The row may be deleted after this time.
  keep_until timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS "ahasend_deliveries_keep_until" ON "public"."ahasend_deliveries" (keep_until);
