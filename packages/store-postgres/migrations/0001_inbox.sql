-- One row for each delivery of AhaSend that was accepted, to be handled by a worker.
CREATE TABLE IF NOT EXISTS "public"."ahasend_inbox" (
  -- The order of arrival.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint text COLLATE "C" NOT NULL,
  -- The header webhook-id.
  delivery_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  sent_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- A hash of the key within which deliveries are handled in order.
  ordering_key text COLLATE "C",
  -- The signed bytes; null when they are no longer needed.
  body bytea,
  -- waiting, active, dead or done.
  state text COLLATE "C" NOT NULL DEFAULT 'waiting',
  attempts integer NOT NULL DEFAULT 0,
  -- Counts how often a worker has taken it, so that only the last one can write a result.
  fence bigint NOT NULL DEFAULT 0,
  -- A worker may take it after this time: of an active one, the end of the lease.
  due_at timestamptz NOT NULL,
  -- A row that is done may be deleted after this time.
  keep_until timestamptz,
  error text,
  UNIQUE (endpoint, delivery_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE "public"."ahasend_inbox" ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS "ahasend_inbox_due" ON "public"."ahasend_inbox" (due_at, id) WHERE state IN ('waiting', 'active');
CREATE INDEX IF NOT EXISTS "ahasend_inbox_order" ON "public"."ahasend_inbox" (ordering_key, id)
  WHERE ordering_key IS NOT NULL AND state IN ('waiting', 'active');
-- One at a time for each ordering key.
CREATE UNIQUE INDEX IF NOT EXISTS "ahasend_inbox_active" ON "public"."ahasend_inbox" (ordering_key) WHERE state = 'active';
CREATE INDEX IF NOT EXISTS "ahasend_inbox_dead" ON "public"."ahasend_inbox" (id) WHERE state = 'dead';
CREATE INDEX IF NOT EXISTS "ahasend_inbox_keep_until" ON "public"."ahasend_inbox" (keep_until) WHERE state = 'done';
