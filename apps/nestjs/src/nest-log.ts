import type { createLogger } from "@ahasend-webhooks/mail-desk";
import type { LoggerService } from "@nestjs/common";

type Logger = ReturnType<typeof createLogger>;

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
