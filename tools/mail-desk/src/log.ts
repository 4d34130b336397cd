import type { Outcome } from "@ahasend-webhooks/core";
import { type Logger, pino } from "pino";

/** JSON lines on standard output. */
export function createLogger(): Logger {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** One line per delivery: what became of it, never what was in it. */
export function logOutcome(log: Logger): (outcome: Outcome) => void {
  return (outcome) => {
    if (outcome.kind !== "refused") {
      const { kind, ...details } = outcome;
      log.info(details, kind);
      return;
    }
    const { kind, error, ...details } = outcome;
    const level = error.status === 500 ? "error" : "warn";
    log[level](
      { ...details, reason: error.message, ...(error.cause !== undefined && { err: error.cause }) },
      kind,
    );
  };
}
