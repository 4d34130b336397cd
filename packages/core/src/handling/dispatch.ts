import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import type { AhaSendEvent, UnknownEvent } from "../events/event.js";
import type { Handler, Handlers, WebhookContext } from "./handler.js";
import type { OutcomeDetails } from "../outcome.js";
import { awaitReturned } from "./await-returned.js";

type AnyEvent = AhaSendEvent | UnknownEvent;

/** Returns the handler of an event type: its own, or else that of `"*"`. As a method, it can use `this`. */
export function pickHandler<Extras>(on: Handlers<Extras>, type: string): Handler<AnyEvent> | undefined {
  // Own properties only: an event type "constructor" must not find Object's.
  const own = Object.hasOwn(on, type) ? on[type as keyof Handlers] : undefined;
  // The map's type pairs each handler with the event of its key, and the options' type with the extras of its store.
  const handler = (own ?? on["*"]) as Handler<AnyEvent> | undefined;
  return handler && ((event, context) => handler.call(on, event, context));
}

/**
 * Runs a handler and records its duration. Its context is created inside, because reading what a store adds to it may
 * throw.
 *
 * @throws {WebhookError} `handler_failed`, with what the handler threw as `cause`
 */
export async function runHandler(
  handler: Handler<AnyEvent>,
  event: AnyEvent,
  createContext: () => WebhookContext,
  details: OutcomeDetails,
): Promise<void> {
  const startedAt = performance.now();
  try {
    const returned: unknown = await handler(event, createContext());
    if (typeof returned === "object" && returned !== null) await awaitReturned(returned);
  } catch (cause) {
    throw new WebhookError("handler_failed", REFUSALS.handler_failed.message.threw, { cause });
  } finally {
    details.handlerMs = performance.now() - startedAt;
  }
}
