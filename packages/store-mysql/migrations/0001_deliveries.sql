-- One row for each delivery of AhaSend: its owner, or that it is done.
CREATE TABLE IF NOT EXISTS `ahasend_deliveries` (
  -- The name of the endpoint, a colon, and the header webhook-id. Bytes: a collation could treat two keys as equal.
  `key` varbinary(512) NOT NULL PRIMARY KEY,
  -- The owner that handles it; null if there is none.
  token varbinary(512),
  -- The number of claims.
  attempt int NOT NULL DEFAULT 1,
  -- Times are in milliseconds since 1970.
  leased_until bigint,
  done boolean NOT NULL DEFAULT false,
  -- The row may be deleted after this time.
  keep_until bigint NOT NULL,
  KEY keep_until (keep_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
