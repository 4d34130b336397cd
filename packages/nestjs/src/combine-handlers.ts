import type { AhaSendEvent, UnknownEvent, WebhookContext } from "@ahasend-webhooks/core";

/** A handler for any event. */
export type EventHandler = (event: AhaSendEvent | UnknownEvent, context: WebhookContext) => unknown;

/** Combines handlers into one that runs them concurrently and waits for all: a retry must not overlap a running one. */
export function combineHandlers(handlers: readonly EventHandler[]): EventHandler {
  return async (event, context) => {
    const results = await Promise.allSettled(handlers.map(async (handler) => handler(event, context)));
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "Several handlers failed for one event.");
    // The receiver waits for returned values such as Observables.
    return results.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  };
}
