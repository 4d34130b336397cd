import type { Outcome } from "@ahasend-webhooks/core";
import { type Logger, pino } from "pino";

/** Creates a logger that writes JSON lines to standard output. */
export function createLogger(): Logger {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Returns an `onOutcome` that logs one line per outcome of a delivery, never its content. */
export function logOutcomesTo(log: Logger): (outcome: Outcome) => void {
  return (outcome) => {
    if (!("error" in outcome)) {
      const { kind, ...details } = outcome;
      log.info(details, kind);
      return;
    }
    const { kind, error, ...details } = outcome;
    const level = error.isOurFault ? "error" : "warn";
    log[level](
      { ...details, reason: error.message, ...(error.cause !== undefined && { err: error.cause }) },
      kind,
    );
  };
}

/** Returns a `LoggerService` of Nest, so that Nest's own messages are JSON lines too. */
export function toNestLogger(log: Logger) {
  return {
    log: (message: unknown, context?: string) => log.info({ context }, String(message)),
    warn: (message: unknown, context?: string) => log.warn({ context }, String(message)),
    error: (message: unknown, stack?: string, context?: string) =>
      log.error({ context, stack }, String(message)),
  };
}
