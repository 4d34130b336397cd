import type { TableName } from "./table.js";

/** The SQL of a store. The parameter "time" is in milliseconds since 1970, or null for the server's clock. */
export interface Statements {
  /** Parameters: key, token, lease, retention (both in milliseconds), time. Returns a string for `parseResult`. */
  claim: string;
  /**
   * Claims new deliveries. Parameters: keys, tokens, leases, retention, time. Returns the keys that were new. Locks no row that
   * exists, so that a batch never waits for one.
   */
  claimNew: string;
  /** Parameters: key, token, lease, time. */
  renew: string;
  /** Parameters: key, retention, time. Returns a row if the receipt was written. */
  commit: string;
  /** Parameters: keys, all different; retentions; time. Returns the keys whose receipts were written. */
  commitAll: string;
  /** Parameters: key, token. */
  release: string;
  /** Writes the receipt in a transaction. Parameters: key, retention, time. Returns a string for `parseResult`. */
  receipt: string;
  /** The same for a new delivery, with a cheaper plan. Returns no row if it may not be new. */
  receiptOfNew: string;
  /** Parameters: the maximum number of rows, time. Returns the number of deleted rows as a string. */
  sweep: string;
}

const EPOCH = "to_timestamp(0)";
const DONE = "done = true, token = null, leased_until = null, keep_until = excluded.keep_until";
/** Two batches with the same keys would lock each other out if they took them in different orders. */
const IN_ORDER = 'ORDER BY c.key COLLATE "C"';

/** Creates the SQL for a table. */
export function createStatements({ table }: TableName): Statements {
  const now = (parameter: number) => `coalesce(to_timestamp($${parameter}::float8 / 1000), now())`;
  const after = (parameter: number, clock: string) => `${clock} + $${parameter}::float8 * interval '1 ms'`;
  const free = (clock: string) => `coalesce(d.leased_until, ${EPOCH}) <= ${clock}`;
  const forgotten = (clock: string) => `(d.keep_until <= ${clock} AND ${free(clock)})`;
  // A statement sees the row as it was before: an expired receipt may already be the claim of another owner.
  const remembered = (clock: string) => `d.done AND d.keep_until > ${clock}`;
  const leftMs = (clock: string) => `ceil(extract(epoch FROM d.leased_until - ${clock}) * 1000)::float8`;
  // A duplicate does not wait for the transaction that holds it: it could use up the pool.
  const lock = `pg_try_advisory_xact_lock(hashtextextended(${quoteLiteral(table)} || $1::text, 0))`;

  return {
    claim: `
WITH claimed AS (
  INSERT INTO ${table} AS d (key, token, leased_until, keep_until)
  VALUES ($1, $2, ${after(3, now(5))}, ${after(4, now(5))})
  ON CONFLICT (key) DO UPDATE SET
    attempt = CASE
      WHEN ${forgotten(now(5))} THEN 1
      WHEN d.token = excluded.token THEN d.attempt
      ELSE d.attempt + 1
    END,
    keep_until = CASE WHEN ${forgotten(now(5))} THEN excluded.keep_until ELSE d.keep_until END,
    token = excluded.token,
    leased_until = excluded.leased_until,
    done = false
  WHERE ${forgotten(now(5))} OR (NOT d.done AND (${free(now(5))} OR d.token = excluded.token))
  RETURNING attempt
)
SELECT coalesce(
  (SELECT 'claimed ' || attempt FROM claimed),
  (SELECT CASE
    WHEN ${remembered(now(5))} THEN 'done 0'
    ELSE 'busy ' || greatest(coalesce(${leftMs(now(5))}, $3::float8), 1)::bigint
  END FROM ${table} AS d WHERE d.key = $1),
  -- Another process claimed it during this statement.
  'busy ' || $3::float8::bigint
) AS result`,

    claimNew: `
INSERT INTO ${table} (key, token, leased_until, keep_until)
SELECT c.key, c.token, ${now(5)} + c.lease_ms * interval '1 ms', ${after(4, now(5))}
FROM unnest($1::text[], $2::text[], $3::float8[]) AS c (key, token, lease_ms)
${IN_ORDER} ON CONFLICT (key) DO NOTHING
RETURNING key`,

    renew: `
UPDATE ${table} AS d SET leased_until = ${after(3, now(4))}
WHERE d.key = $1 AND d.token = $2 AND NOT ${forgotten(now(4))}`,

    commit: `
INSERT INTO ${table} AS d (key, done, keep_until) VALUES ($1, true, ${after(2, now(3))})
ON CONFLICT (key) DO UPDATE SET ${DONE}
RETURNING key`,

    commitAll: `
INSERT INTO ${table} AS d (key, done, keep_until)
SELECT c.key, true, ${now(3)} + c.retain_ms * interval '1 ms'
FROM unnest($1::text[], $2::float8[]) AS c (key, retain_ms)
${IN_ORDER} ON CONFLICT (key) DO UPDATE SET ${DONE}
RETURNING key`,

    release: `
UPDATE ${table} AS d SET token = null, leased_until = null WHERE d.key = $1 AND d.token = $2`,

    receipt: `
WITH lock AS MATERIALIZED (
  SELECT ${lock} AS held
), receipt AS (
  INSERT INTO ${table} AS d (key, done, keep_until)
  SELECT $1::text, true, ${after(2, now(3))} FROM lock WHERE held
  ON CONFLICT (key) DO UPDATE SET ${DONE}
  WHERE ${forgotten(now(3))} OR (NOT d.done AND ${free(now(3))})
  RETURNING key
)
SELECT CASE
  WHEN EXISTS (SELECT FROM receipt) THEN 'claimed 1'
  WHEN ${remembered(now(3))} THEN 'done 0'
  -- Another transaction holds it, for an unknown time.
  ELSE 'busy ' || (CASE WHEN ${leftMs(now(3))} > 0 THEN ${leftMs(now(3))} ELSE 1000 END)::bigint
END AS result FROM lock LEFT JOIN ${table} AS d ON d.key = $1`,

    receiptOfNew: `
INSERT INTO ${table} (key, done, keep_until)
SELECT $1::text, true, ${after(2, now(3))} WHERE ${lock}
ON CONFLICT (key) DO NOTHING
RETURNING 'claimed 1' AS result`,

    sweep: `
WITH deleted AS (
  DELETE FROM ${table} WHERE key IN (
    SELECT d.key FROM ${table} AS d WHERE ${forgotten(now(2))}
    ORDER BY d.keep_until LIMIT $1::integer FOR UPDATE SKIP LOCKED
  ) RETURNING 1
)
SELECT count(*)::text AS deleted FROM deleted`,
  };
}

function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
