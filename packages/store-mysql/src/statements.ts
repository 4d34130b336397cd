import { createHash } from "node:crypto";

import { type TableName, toHexLiteral } from "./table.js";

/** The length of the columns `key` and `token`, in bytes. */
export const MAX_KEY_BYTES = 512;

/**
 * Creates the statements of a store, with their values as literals: no character set, `sql_mode` or configuration of the
 * driver changes what they mean.
 *
 * @param now returns the time in milliseconds since 1970; `undefined` for the clock of the server
 */
export function createStatements({ table, schemaValue, tableValue }: TableName, now?: () => number) {
  const clock = () =>
    now === undefined
      ? "(timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6)) DIV 1000)"
      : String(Math.round(now()));
  const after = (ms: number) => `${clock()} + ${Math.ceil(ms)}`;
  const free = (time: string) => `coalesce(leased_until, 0) <= ${time}`;
  const forgotten = (time: string) => `(keep_until <= ${time} AND ${free(time)})`;
  /** Rows can be taken whose owner has gone, or has this token. */
  const takeable = (time: string, token = "NULL") =>
    `(${forgotten(time)} OR (done = 0 AND (${free(time)} OR token = ${token})))`;
  const columns = "`key`, token, attempt, leased_until, done, keep_until";

  return {
    /** Fails with a duplicate key if there is a row. */
    insert: (key: string, token: string, leaseMs: number | undefined, retentionMs: number) =>
      `INSERT INTO ${table} (${columns}) VALUES (${toValue(key)}, ${toValue(token)}, 1, ` +
      `${leaseMs === undefined ? "NULL" : after(leaseMs)}, 0, ${after(retentionMs)})`,

    /** Takes the row unless it is done or belongs to another owner. */
    take(key: string, token: string, leaseMs: number, retentionMs: number) {
      const time = clock();
      // Servers assign columns one after the other or all at once: each value is computed before its columns are set.
      return (
        `UPDATE ${table} SET attempt = CASE WHEN ${forgotten(time)} THEN 1 ` +
        `WHEN token = ${toValue(token)} THEN attempt ELSE attempt + 1 END, ` +
        `keep_until = CASE WHEN ${forgotten(time)} THEN ${after(retentionMs)} ELSE keep_until END, ` +
        `token = ${toValue(token)}, leased_until = ${after(leaseMs)}, done = 0 ` +
        `WHERE \`key\` = ${toValue(key)} AND ${takeable(time, toValue(token))}`
      );
    },

    /** Takes the row for a transaction: it counts no attempts. */
    takeReceipt: (key: string, token: string, retentionMs: number) =>
      `UPDATE ${table} SET attempt = 1, keep_until = ${after(retentionMs)}, token = ${toValue(token)}, ` +
      `leased_until = NULL, done = 0 WHERE \`key\` = ${toValue(key)} AND ${takeable(clock())}`,

    /** Returns a string for `parseState`. A busy row without a lease is in a transaction, for an unknown time. */
    look(key: string, token: string, unknownMs: number) {
      const left = `coalesce(leased_until, 0) - ${clock()}`;
      return (
        `SELECT CASE WHEN done = 0 AND token = ${toValue(token)} THEN concat('claimed ', attempt) ` +
        `WHEN done = 1 AND keep_until > ${clock()} THEN 'done 0' ` +
        `ELSE concat('busy ', CASE WHEN ${left} > 0 THEN ${left} ELSE ${Math.ceil(unknownMs)} END) END AS result ` +
        `FROM ${table} WHERE \`key\` = ${toValue(key)}`
      );
    },

    renew: (key: string, token: string, leaseMs: number) =>
      `UPDATE ${table} SET leased_until = ${after(leaseMs)} ` +
      `WHERE \`key\` = ${toValue(key)} AND token = ${toValue(token)} AND NOT (${forgotten(clock())})`,

    commit: (key: string, retainMs: number) =>
      `INSERT INTO ${table} (${columns}) VALUES (${toValue(key)}, NULL, 1, NULL, 1, ${after(retainMs)}) ` +
      `ON DUPLICATE KEY UPDATE token = NULL, leased_until = NULL, done = 1, keep_until = ${after(retainMs)}`,

    release: (key: string, token: string) =>
      `UPDATE ${table} SET token = NULL, leased_until = NULL ` +
      `WHERE \`key\` = ${toValue(key)} AND token = ${toValue(token)}`,

    /** Changes one row if the receipt of this token is still there, and none otherwise. */
    complete: (key: string, token: string) =>
      `UPDATE ${table} SET token = NULL, done = 1 ` +
      `WHERE \`key\` = ${toValue(key)} AND token = ${toValue(token)} AND done = 0`,

    /** Returns the keys of expired rows in hexadecimal, without locking them. */
    findExpired: (rows: number) =>
      `SELECT hex(\`key\`) AS result FROM ${table} WHERE ${forgotten(clock())} ORDER BY keep_until LIMIT ${rows}`,

    /** Deletes rows that are still expired. By their keys, because a range would lock the gaps of other processes. */
    deleteExpired: (hexKeys: readonly string[]) =>
      `DELETE FROM ${table} WHERE \`key\` IN (${hexKeys.map((key) => `X'${key}'`).join(", ")}) AND ${forgotten(clock())}`,

    /** The name of the lock of a delivery, as an expression of 64 characters: the maximum of MySQL. */
    lockName: (key: string) =>
      `sha2(concat(${schemaValue}, X'00', ${tableValue}, X'00', ${toValue(key)}), 256)`,
  };
}

/** Returns a key or token as a literal. One that is too long is replaced with its hash: a server could cut it silently. */
function toValue(text: string): string {
  if (Buffer.byteLength(text) <= MAX_KEY_BYTES) return toHexLiteral(text);
  return toHexLiteral(`sha256:${createHash("sha256").update(text).digest("hex")}`);
}
