import { readSqlStates } from "../errors.js";
import type { RunStatement } from "./database.js";

/**
 * Serialization failure, which is common if the database isolates transactions more strictly by default; deadlock; and two
 * workers that have taken deliveries of the same ordering key.
 */
const COLLISIONS = ["40001", "40P01", "23505"];
const MAX_COLLISIONS = 10;

/** Repeats a statement that is a transaction of its own if it has collided with another one. */
export function repeatCollisions(query: RunStatement): RunStatement {
  return async (...statement) => {
    for (let collisions = 1; ; collisions += 1) {
      try {
        return await query(...statement);
      } catch (error) {
        const isCollision = readSqlStates(error).some((state) => COLLISIONS.includes(state));
        if (!isCollision || collisions === MAX_COLLISIONS) throw error;
      }
    }
  };
}
