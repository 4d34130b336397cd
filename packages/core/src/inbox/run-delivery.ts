import { WebhookError, toWebhookError } from "../errors.js";
import { pickHandler, runHandler } from "../handling/dispatch.js";
import type { Handlers, WebhookContext } from "../handling/handler.js";
import { storeUnavailable } from "../handling/store-call.js";
import { parseEvent } from "../intake/parse-event.js";
import {
  type OutcomeDetails,
  type OutcomeListener,
  reportOutcome,
  toPrintableType,
  toWorkOutcome,
} from "../outcome.js";
import { REFUSALS } from "../refusals.js";
import type { InboxAttempt, InboxVerdict, RunDelivery, StoredDelivery } from "../stores/inbox.js";
import { isPermanentError } from "./permanent-error.js";

/** The handlers of a worker, and where their outcomes go. */
export interface RunSettings {
  /** `never`, because only `createReceiver` and `createWorker` know what the inbox adds to the context. */
  on: Handlers<never>;
  onOutcome: OutcomeListener;
}

/** Creates the function that runs the handler of a delivery from an inbox. */
export function createRun({ on, onOutcome }: RunSettings): RunDelivery {
  return async (delivery, attempt) => {
    const startedAt = performance.now();
    const details: OutcomeDetails = {
      deliveryId: delivery.deliveryId,
      endpoint: delivery.endpoint,
      type: toPrintableType(delivery.type),
      attempt: attempt.attempt,
      bodyBytes: delivery.rawBody.length,
    };
    const error = await run(on, delivery, attempt, details);
    const durationMs = performance.now() - startedAt;
    const toVerdict = (error: WebhookError | undefined): InboxVerdict => {
      const state = toState(error, attempt);
      const attemptError = toAttemptError(error, state, attempt);
      return {
        state,
        error: attemptError?.cause ?? attemptError,
        report(storeError) {
          if (storeError !== undefined) details.storeError = storeUnavailable(storeError);
          reportOutcome(onOutcome, toWorkOutcome(state, attemptError, durationMs, details));
        },
        toFailed: (cause) => toVerdict(toWebhookError(cause, REFUSALS.handler_failed.message.uncommitted)),
      };
    };
    return toVerdict(error);
  };
}

/** Returns the error of the handler, `undefined` if there was none. */
async function run(
  on: Handlers<never>,
  delivery: StoredDelivery,
  attempt: InboxAttempt,
  details: OutcomeDetails,
): Promise<WebhookError | undefined> {
  const { endpoint: _endpoint, type: _type, orderingKey: _orderingKey, ...kept } = delivery;
  const stop = new AbortController();
  const onClosing = () => stop.abort(attempt.closing.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const event = parseEvent(delivery.rawBody);
    const handler = pickHandler(on, event.type);
    if (handler === undefined)
      throw new WebhookError("handler_failed", REFUSALS.handler_failed.message.missing);
    if (attempt.closing.aborted) onClosing();
    else attempt.closing.addEventListener("abort", onClosing, { once: true });
    const timedOut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const message = REFUSALS.deadline_exceeded.message.attempt(attempt.timeoutMs / 1000);
        const error = new WebhookError("deadline_exceeded", message);
        reject(error);
        stop.abort(error);
      }, attempt.timeoutMs);
    });
    const createContext = (): WebhookContext => ({
      ...(attempt.extras as object | undefined),
      ...kept,
      native: undefined,
      attempt: attempt.attempt,
      signal: stop.signal,
    });
    const handled = runHandler(handler, event, createContext, details);
    handled.catch(() => undefined);
    await Promise.race([handled, timedOut]);
    return undefined;
  } catch (error) {
    return toWebhookError(error);
  } finally {
    clearTimeout(timer);
    attempt.closing.removeEventListener("abort", onClosing);
  }
}

/** Nobody sends the delivery again: the inbox repeats what the handler could not do, or keeps it. */
function toAttemptError(
  error: WebhookError | undefined,
  state: InboxVerdict["state"],
  { attempt }: InboxAttempt,
): WebhookError | undefined {
  const { threw, failed, dead } = REFUSALS.handler_failed.message;
  if (error?.message !== threw) return error;
  const message = state === "dead" ? dead(attempt) : failed(attempt);
  return new WebhookError("handler_failed", message, { cause: error.cause });
}

function toState(
  error: WebhookError | undefined,
  { attempt, maxAttempts }: InboxAttempt,
): InboxVerdict["state"] {
  if (error === undefined) return "handled";
  // Bytes that cannot be parsed now never will be.
  const isHopeless = error.code === "invalid_payload" || isPermanentError(error.cause);
  return isHopeless || attempt >= maxAttempts ? "dead" : "failed";
}
