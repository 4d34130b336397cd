-- One row for each delivery of AhaSend: who handles it, or that it is done.
CREATE TABLE IF NOT EXISTS "public"."ahasend_deliveries" (
  -- The name of the endpoint, a colon and the header webhook-id.
  key text COLLATE "C" PRIMARY KEY,
  -- Who handles it; null when nobody does.
  token text,
  -- How often it was claimed.
  attempt integer NOT NULL DEFAULT 1,
  leased_until timestamptz,
  done boolean NOT NULL DEFAULT false,
  -- When the row may go.
  keep_until timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS "ahasend_deliveries_keep_until" ON "public"."ahasend_deliveries" (keep_until);
