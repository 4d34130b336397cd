import { type InboxVerdict, describeError } from "@ahasend-webhooks/core";
import type { TakenDelivery } from "@ahasend-webhooks/core/inbox";

import type { RunStatement, Statement } from "../database/database.js";
import type { PostgresInboxSettings } from "./inbox-options.js";
import type { InboxStatements } from "./inbox-statements.js";
import { readRows } from "./read-rows.js";

/** A delivery that this process has taken. */
export interface TakenRow extends TakenDelivery {
  readonly id: string;
  /** Changes when another worker takes it. */
  readonly fence: string;
}

/** Writes down how attempts have ended. */
export interface Verdicts {
  /** The statement that settles a delivery. Returns a row if it was still ours. */
  toSettlement(taken: TakenRow): Statement;
  /** Writes a verdict down and reports it. Never rejects. */
  write(taken: TakenRow, verdict: InboxVerdict): Promise<void>;
  /**
   * Writes down that what the handler wrote could not be committed, and reports it; or that it was committed after all, if
   * only the result was lost. Never rejects.
   */
  writeFailedCommit(taken: TakenRow, verdict: InboxVerdict, error: unknown): Promise<void>;
  /** Undoes an attempt whose handler has not started. Tried until it succeeds, once if the signal has fired. Never rejects. */
  giveBack(taken: TakenRow, signal: AbortSignal): Promise<void>;
  /** Makes a dead letter of a delivery without a verdict. */
  bury(taken: TakenRow, error: string): Promise<void>;
}

const MAX_ERROR_LENGTH = 8000;
const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;

/** Creates what writes verdicts down. */
export function createVerdicts(
  query: RunStatement,
  statements: InboxStatements,
  settings: Pick<PostgresInboxSettings, "retentionMs" | "backoffMs" | "pollMs" | "clock">,
): Verdicts {
  const { retentionMs, backoffMs, pollMs, clock } = settings;
  const toSettlement = ({ id, fence }: TakenRow): Statement => ({
    text: statements.settle,
    values: [id, fence, retentionMs, clock()],
  });
  const settle = async (taken: TakenRow) => {
    const { text, values } = toSettlement(taken);
    return readRows(await query(text, values, { preparedAs: "settle" })).length > 0;
  };

  const fail = async ({ id, fence, attempt }: TakenRow, state: "waiting" | "dead", error: string) => {
    const text = error.replaceAll("\0", "").slice(0, MAX_ERROR_LENGTH);
    return (
      readRows(await query(statements.fail, [id, fence, state, backoffMs(attempt), text, attempt, clock()]))
        .length > 0
    );
  };
  const writeFailure = (taken: TakenRow, { state }: InboxVerdict, error: unknown) =>
    retry(() => fail(taken, state === "dead" ? "dead" : "waiting", describeError(error)));

  return {
    toSettlement,
    async write(taken, verdict) {
      try {
        const isWritten =
          verdict.state === "handled"
            ? await retry(() => settle(taken))
            : await writeFailure(taken, verdict, verdict.error);
        verdict.report(isWritten ? undefined : new Error(TAKEN_OVER));
      } catch (error) {
        verdict.report(error);
      }
    },
    async writeFailedCommit(taken, verdict, error) {
      const failed = verdict.toFailed(error);
      try {
        if (await writeFailure(taken, failed, error)) return failed.report();
        const result = await query(statements.state, [taken.id, taken.fence]);
        if (readRows<string>(result)[0]?.facts === "done") verdict.report();
        else failed.report(new Error(TAKEN_OVER));
      } catch (storeError) {
        failed.report(storeError);
      }
    },
    async giveBack({ id, fence }, signal) {
      const undo = () => query(statements.giveBack, [id, fence, pollMs, clock()]);
      await retry(undo, () => signal.aborted).catch(() => undefined);
    },
    async bury(taken, error) {
      await fail(taken, "dead", error);
    },
  };
}

const TAKEN_OVER =
  "Another worker has taken the delivery over, because this one has not renewed its lease in time: handlers must not block the event loop.";

/** Repeats a statement that failed, such as while the server restarts: otherwise the handler would run again. */
async function retry<Result>(
  statement: () => Promise<Result>,
  isLast: (tries: number) => boolean = (tries) => tries === MAX_TRIES,
): Promise<Result> {
  for (let tries = 1, pauseMs = FIRST_PAUSE_MS; ; tries += 1, pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      return await statement();
    } catch (error) {
      if (isLast(tries)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
