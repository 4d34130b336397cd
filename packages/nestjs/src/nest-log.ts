import type { logOutcomes } from "@ahasend-webhooks/core";
import type { Logger } from "@nestjs/common";

/** Returns Nest's logger as the log of `logOutcomes`. */
export function nestLog(logger: Logger): Parameters<typeof logOutcomes>[0] {
  return {
    warn: (line) => logger.warn(line),
    error: (line, cause) => logger.error(line, stackOf(cause)),
  };
}

/** Handlers may throw anything, also an object whose properties throw when they are read. */
function stackOf(cause: unknown): string | undefined {
  try {
    return cause instanceof Error ? cause.stack : undefined;
  } catch {
    return undefined;
  }
}
