import type { DeadLetter, DeadLetters } from "@ahasend-webhooks/core";
import { toDeadLetterLimit } from "@ahasend-webhooks/core/inbox";

import type { RunStatement } from "../database/database.js";
import type { InboxStatements } from "./inbox-statements.js";
import { readBytes, readRows } from "./read-rows.js";

/** Settings of the dead letters of an inbox. */
export interface DeadLetterSettings {
  query: RunStatement;
  statements: InboxStatements;
  clock: () => number | null;
  retentionMs: number;
  /** Called when deliveries wait again. */
  onReplay: () => void;
}

type Facts = Omit<DeadLetter, "receivedAt"> & { receivedMs: number };

/** Creates the dead letters of an inbox. */
export function createDeadLetters(settings: DeadLetterSettings): DeadLetters {
  const { query, statements, clock, retentionMs, onReplay } = settings;
  const change = async (statement: string, ids: unknown, ...values: unknown[]): Promise<number> => {
    const result = await query(statement, [toIds(ids), ...values]);
    return readRows<number>(result)[0]?.facts ?? 0;
  };
  return {
    async list(options) {
      const limit = toDeadLetterLimit(options);
      const result = await query(statements.deadLetters, [limit, null]);
      return readRows<Facts>(result).map(({ facts }) => toDeadLetter(facts));
    },
    async inspect(id) {
      if (!isId(id)) return undefined;
      const [row] = readRows<Facts>(await query(statements.deadLetters, [null, id]));
      return row && { ...toDeadLetter(row.facts), rawBody: readBytes(row.body) };
    },
    async replay(ids) {
      const count = await change(statements.replay, ids, clock());
      if (count > 0) onReplay();
      return count;
    },
    discard: async (ids) => change(statements.discard, ids, retentionMs, clock()),
  };
}

function toDeadLetter({ receivedMs, ...facts }: Facts): DeadLetter {
  return { ...facts, receivedAt: new Date(receivedMs) };
}

/** Returns the ids that can be in the table, null for all. @throws {TypeError} for anything else than ids or "all" */
function toIds(ids: unknown): string[] | null {
  if (ids === "all") return null;
  const list: unknown[] = typeof ids === "string" ? [ids] : Array.isArray(ids) ? ids : [undefined];
  if (list.every((id) => typeof id === "string")) return list.filter(isId);
  throw new TypeError('Pass the ids of dead letters, or "all".');
}

function isId(id: unknown): id is string {
  return typeof id === "string" && /^\d{1,18}$/.test(id);
}
