import type { Outcome } from "@ahasend-webhooks/nestjs";
import type { LoggerService } from "@nestjs/common";
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
    const level = error.isOurFault ? "error" : "warn";
    log[level](
      { ...details, reason: error.message, ...(error.cause !== undefined && { err: error.cause }) },
      kind,
    );
  };
}

/** What Nest itself logs, as JSON lines too. */
export class NestLog implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(message: unknown, context?: string): void {
    this.#log.info({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.#log.warn({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.#log.error({ context, stack }, String(message));
  }
}
