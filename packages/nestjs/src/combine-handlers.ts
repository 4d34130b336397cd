import type { AhaSendEvent, UnknownEvent, WebhookContext } from "@ahasend-webhooks/core";

/** A handler of any event. */
export type EventHandler = (event: AhaSendEvent | UnknownEvent, context: WebhookContext) => unknown;

/** Runs handlers side by side and lets all of them end: a retry must not meet one that still runs. */
export function combineHandlers(handlers: readonly EventHandler[]): EventHandler {
  return async (event, context) => {
    const results = await Promise.allSettled(handlers.map(async (handler) => handler(event, context)));
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "Several handlers of one event failed.");
    // What has still to be waited for, such as Observables.
    return results.map((result) => (result.status === "fulfilled" ? result.value : undefined));
  };
}
