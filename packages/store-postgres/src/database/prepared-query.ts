import { createHash } from "node:crypto";

import { isLostStatement } from "../errors.js";
import type { QueryLike, QueryResultLike, Queryable } from "./pg-like.js";

/**
 * Returns a function that runs queries as prepared statements, until one gets lost, as behind PgBouncer in transaction pooling mode:
 * there, a client is on another connection after each transaction. What got lost has not run.
 */
export function createPreparedQuery(
  pool: Queryable,
): (query: QueryLike, purpose: string) => Promise<QueryResultLike> {
  let losesStatements = false;
  return async (query, purpose) => {
    if (losesStatements) return pool.query(query);
    try {
      return await pool.query({ ...query, name: toName(query, purpose) });
    } catch (error) {
      if (!isLostStatement(error)) throw error;
      losesStatements = true;
      return pool.query(query);
    }
  };
}

/** The same for the same text only: clients of PgBouncer meet each other's statements. Traces show it. */
function toName({ text }: QueryLike, purpose: string): string {
  return `ahasend_${purpose}_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}
