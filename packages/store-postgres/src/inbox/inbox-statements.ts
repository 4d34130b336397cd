import { LIVE } from "./inbox-migration-sql.js";
import type { InboxTableName } from "./inbox-table-name.js";

/**
 * The SQL of an inbox. The last parameter of most is "time": in milliseconds since 1970, or null for the server's clock. A
 * row of a result has the column `facts`, which is JSON, and where that is noted `body`, in base64.
 */
export interface InboxStatements {
  /**
   * Parameters: endpoints, delivery ids, types, times of sending in milliseconds since 1970, ordering keys; all bodies in one,
   * where each begins (from 1), and its length; time. Returns one row: the list of `[endpoint, delivery id]` of those that are new.
   * Fails with `lock_not_available` instead of waiting for a transaction that handles one of them.
   */
  accept: string;
  /** The same beside transactions that handle some of them. Its plan takes longer, because it reads the table. */
  acceptBesideHandlers: string;
  /** Parameters: limit, types, whether all others are meant instead, lease, time. Returns facts and body. */
  take: string;
  /** Parameters: ids, fences, lease, time. */
  renew: string;
  /** Parameters: id, fence, retention, time. Returns a row if the delivery was still that of the fence. */
  settle: string;
  /** Parameters: id, fence, state, pause before the next attempt, error, attempts, time. Returns a row, as `settle`. */
  fail: string;
  /** Parameters: id, fence, pause before the next try, time. Does not count the attempt. */
  giveBack: string;
  /** Parameters: id, fence. Returns the state, unless another worker has taken it. */
  state: string;
  /** Parameters: time. */
  nextDue: string;
  stats: string;
  /** Parameters: limit, or null and an id. Returns facts and body, which is null in a list. */
  deadLetters: string;
  /** Parameters: ids or null for all, time. */
  replay: string;
  /** Parameters: ids or null for all, retention, time. */
  discard: string;
  /** Parameters: the maximum number of rows, time. */
  sweep: string;
}

/** Long enough for what a statement waits for on a busy server; all of its batch waits. */
const LOCK_MS = 50;
/** An asynchronous commit must not be acknowledged. */
const DURABLE = `CASE WHEN current_setting('synchronous_commit') = 'off'
    THEN set_config('synchronous_commit', 'on', true) END`;

/** Creates the SQL for a table. */
export function createInboxStatements({ table }: InboxTableName): InboxStatements {
  const now = (parameter: number) => `coalesce(to_timestamp($${parameter}::float8 / 1000), now())`;
  const after = (parameter: number, clock: string) => `${clock} + $${parameter}::float8 * interval '1 ms'`;
  // Libraries and type parsers disagree on bytes, and base64 is shorter than what the server sends for them.
  const encoded = (bytes: string) => `encode(${bytes}, 'base64')`;
  const live = (alias: string) => `${alias}.${LIVE}`;
  const countOf = (statement: string) =>
    `WITH changed AS (${statement} RETURNING 1) SELECT count(*)::text AS facts FROM changed`;
  const named = "($1::bigint[] IS NULL OR id = ANY ($1::bigint[]))";
  const milliseconds = (time: string) => `round(extract(epoch FROM ${time}) * 1000)::float8`;

  // The settings end with the statement. A subquery in the WHERE clause is evaluated once, and before any row.
  const insert = ({ settings, condition = "" }: { settings: string; condition?: string }) => `
WITH kept AS (
  INSERT INTO ${table} (endpoint, delivery_id, type, sent_at, ordering_key, body, received_at, due_at)
  SELECT x.endpoint, x.delivery_id, x.type, to_timestamp(x.sent_ms / 1000), x.ordering_key,
    substring($6::bytea FROM x.start FOR x.length), ${now(9)}, ${now(9)}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $7::integer[], $8::integer[])
    AS x (endpoint, delivery_id, type, sent_ms, ordering_key, start, length)
  WHERE (SELECT concat(${settings})) IS NOT NULL${condition}
  ON CONFLICT (endpoint, delivery_id) DO NOTHING
  RETURNING endpoint, delivery_id
)
SELECT coalesce(json_agg(json_build_array(endpoint, delivery_id)), '[]')::text AS facts FROM kept`;

  return {
    accept: insert({ settings: `set_config('lock_timeout', '${LOCK_MS}ms', true), ${DURABLE}` }),

    // A duplicate of what a transaction is handling must not wait for it, as ON CONFLICT would: the rest of its batch would wait
    // as well.
    acceptBesideHandlers: insert({
      settings: DURABLE,
      condition: `
  AND NOT EXISTS (
    SELECT FROM ${table} AS d WHERE d.endpoint = x.endpoint AND d.delivery_id = x.delivery_id
  )
  ORDER BY x.endpoint COLLATE "C", x.delivery_id COLLATE "C"`,
    }),

    // What has an ordering key waits for what came before, and for what is being handled.
    take: `
WITH due AS MATERIALIZED (
  SELECT d.id, d.state FROM ${table} AS d
  WHERE ${live("d")} AND d.due_at <= ${now(5)} AND (d.type = ANY ($2::text[])) <> $3::boolean
    AND (d.ordering_key IS NULL OR NOT EXISTS (
      SELECT FROM ${table} AS o
      WHERE o.ordering_key = d.ordering_key AND ${live("o")} AND o.id <> d.id
        AND (o.id < d.id OR o.state = 'active')
    ))
  ORDER BY d.due_at, d.id LIMIT $1::integer FOR UPDATE OF d SKIP LOCKED
)
UPDATE ${table} AS t
SET state = 'active', attempts = attempts + 1, fence = fence + 1, due_at = ${after(4, now(5))}
FROM due WHERE t.id = due.id
RETURNING json_build_object(
  'id', t.id::text, 'fence', t.fence::text, 'attempt', t.attempts, 'wasActive', due.state = 'active',
  'endpoint', t.endpoint, 'deliveryId', t.delivery_id, 'type', t.type, 'sentMs', ${milliseconds("t.sent_at")}
)::text AS facts, ${encoded("t.body")} AS body`,

    // A transaction that handles a delivery has its row locked, which keeps it from others as well.
    renew: `
UPDATE ${table} SET due_at = ${after(3, now(4))} WHERE id IN (
  SELECT d.id FROM ${table} AS d
  JOIN unnest($1::bigint[], $2::bigint[]) AS r (id, fence) ON d.id = r.id AND d.fence = r.fence
  WHERE d.state = 'active' FOR UPDATE OF d SKIP LOCKED
)`,

    settle: `
UPDATE ${table} SET state = 'done', body = NULL, error = NULL, keep_until = ${after(3, now(4))}
WHERE id = $1::bigint AND fence = $2::bigint AND state = 'active'
RETURNING 'true'::text AS facts`,

    fail: `
UPDATE ${table} SET state = $3::text, due_at = ${after(4, now(7))}, error = $5::text, attempts = $6::integer
WHERE id = $1::bigint AND fence = $2::bigint AND state = 'active'
RETURNING 'true'::text AS facts`,

    giveBack: `
UPDATE ${table} SET state = 'waiting', attempts = attempts - 1, due_at = ${after(3, now(4))}
WHERE id = $1::bigint AND fence = $2::bigint AND state = 'active'`,

    state: `
SELECT to_json(state)::text AS facts FROM ${table} WHERE id = $1::bigint AND fence = $2::bigint`,

    // What is due already was taken, or waits for another delivery.
    nextDue: `
SELECT ${milliseconds(`(due_at - ${now(1)})`)}::text AS facts FROM ${table}
WHERE ${LIVE} AND due_at > ${now(1)} ORDER BY due_at LIMIT 1`,

    stats: `
SELECT json_build_object(
  'waiting', live.waiting, 'active', live.active, 'deadLetters', dead.count,
  'oldestSeconds', CASE WHEN live.oldest IS NOT NULL
    THEN extract(epoch FROM greatest(${now(1)} - live.oldest, interval '0')) END
)::text AS facts
FROM (
  SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'active') AS active,
    min(received_at) AS oldest
  FROM ${table} WHERE ${LIVE}
) AS live, (SELECT count(*) FROM ${table} WHERE state = 'dead') AS dead`,

    deadLetters: `
SELECT json_build_object(
  'id', id::text, 'endpoint', endpoint, 'deliveryId', delivery_id, 'type', type, 'attempts', attempts,
  'error', coalesce(error, ''), 'receivedMs', ${milliseconds("received_at")}
)::text AS facts, CASE WHEN id = $2::bigint THEN ${encoded("body")} END AS body
FROM ${table} WHERE state = 'dead' AND ($2::bigint IS NULL OR id = $2::bigint) ORDER BY id LIMIT $1::bigint`,

    replay: countOf(`
UPDATE ${table} SET state = 'waiting', attempts = 0, due_at = ${now(2)} WHERE state = 'dead' AND ${named}`),

    discard: countOf(`
UPDATE ${table} SET state = 'done', body = NULL, error = NULL, keep_until = ${after(2, now(3))}
WHERE state = 'dead' AND ${named}`),

    sweep: countOf(`
DELETE FROM ${table} WHERE id IN (
  SELECT d.id FROM ${table} AS d WHERE d.state = 'done' AND d.keep_until <= ${now(2)}
  ORDER BY d.keep_until LIMIT $1::integer FOR UPDATE SKIP LOCKED
)`),
  };
}
