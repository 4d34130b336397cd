import { isDeadlock } from "../errors.js";
import type { SqlQuery } from "../executors/sql-executor.js";

const MAX_DEADLOCKS = 5;

/** Repeats a statement that is committed by itself if the server has chosen it to end a deadlock. */
export function repeatDeadlocks(query: SqlQuery): SqlQuery {
  return async (sql) => {
    for (let deadlocks = 0; ; deadlocks += 1) {
      try {
        return await query(sql);
      } catch (error) {
        if (!isDeadlock(error) || deadlocks === MAX_DEADLOCKS) throw error;
      }
    }
  };
}
