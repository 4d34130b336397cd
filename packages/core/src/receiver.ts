import { callQuietly } from "./call-quietly.js";
import { WebhookError, toWebhookError } from "./errors.js";
import { findIssues } from "./handling/find-issues.js";
import { handleDelivery } from "./handling/handle-delivery.js";
import { InFlight } from "./handling/in-flight.js";
import { createRun } from "./inbox/run-delivery.js";
import type { RequestInFlight } from "./handling/request-in-flight.js";
import { joinStore, leaveStore } from "./handling/store-users.js";
import { IncomingBody } from "./intake/body.js";
import { ByteBudget } from "./intake/budget.js";
import { toReadableBody } from "./intake/fetch-body.js";
import { verifyDelivery } from "./intake/verify-delivery.js";
import type { DefaultStore, ReceiverOptions, StoreOption } from "./options.js";
import { type AcknowledgedOutcome, type Outcome, reportOutcome } from "./outcome.js";
import { REFUSALS } from "./refusals.js";
import type { WebhookRequest } from "./request.js";
import { isInbox } from "./stores/inbox.js";
import { type Reply, acknowledge, refuse } from "./respond.js";
import { assertTimerSeconds, resolveHandlingOptions, resolveVerifierOptions } from "./settings.js";

/** Receives deliveries: verifies, deduplicates and handles them, and creates the reply. */
export interface Receiver {
  /** Handles one request. Never rejects: errors become the status that the sender needs to see. */
  receive(request: WebhookRequest): Promise<Reply>;
  /** Handles one request of a Fetch-style runtime: Hono, Next.js, Bun, Deno, Workers. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /**
   * Refuses new deliveries with 503, finishes those in flight, and closes the store, unless another receiver uses it.
   * Requests that are still arriving after half a second are refused as well. After `timeoutSeconds` the signals of
   * handlers fire, and a second later what is left is abandoned to the next attempt. A second call with a shorter time
   * hurries the first. Keeps the process alive until then.
   *
   * Do not await it in a handler: it waits for that handler.
   *
   * @throws {TypeError} for an invalid `timeoutSeconds`
   * @throws the error of closing the store; the deliveries have ended by then
   *
   * @example
   * process.once("SIGTERM", async () => {
   *   server.close();
   *   await receiver.close();
   * });
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Options of {@link Receiver.close}. */
export interface CloseOptions {
  /** Wait for deliveries in flight for this many seconds; `Infinity` waits for all of them. @default 10 */
  timeoutSeconds?: number;
}

const FETCH_CURE = "Pass the request on before anything reads it, such as request.json() or a body parser";

/**
 * Creates a receiver from a secret and handlers.
 *
 * @throws {TypeError} for invalid options, such as an empty secret, or a missing one without AHASEND_WEBHOOK_SECRET
 *
 * @example
 * const receiver = createReceiver({
 *   // secret: left out, it is the environment variable AHASEND_WEBHOOK_SECRET
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * });
 * const reply = await receiver.receive({ headers, body });
 */
export function createReceiver<ChosenStore extends StoreOption = DefaultStore>(
  options: ReceiverOptions<ChosenStore>,
): Receiver {
  const intake = resolveVerifierOptions(options);
  const handling = resolveHandlingOptions(options);
  const { store, onOutcome } = handling;
  const budget = new ByteBudget(intake.maxInFlightBytes);
  const inFlight = new InFlight(handling.deadlineSeconds);
  let closed: Promise<void> | undefined;
  const work =
    store !== false && isInbox(store) && handling.work ? store.work(createRun(handling)) : undefined;
  if (store !== false) joinStore(store);

  /** Replies with the first outcome: that of the work, or of a deadline. A late outcome is only reported. */
  function receive(request: WebhookRequest): Promise<Reply> {
    return new Promise((reply) => {
      const requestInFlight = inFlight.start(budget.open(), (outcome) => {
        reportOutcome(onOutcome, outcome);
        reply(toReply(outcome));
      });
      void verifyAndHandle(request, requestInFlight).then(
        (result) => requestInFlight.end(result),
        (error: unknown) => requestInFlight.end(toWebhookError(error)),
      );
    });
  }

  async function verifyAndHandle(
    request: WebhookRequest,
    requestInFlight: RequestInFlight,
  ): Promise<AcknowledgedOutcome["kind"]> {
    const body = new IncomingBody(request.body);
    if (closed !== undefined) throw new WebhookError("closing", REFUSALS.closing.message);
    const delivery = await verifyDelivery(request, body, intake, requestInFlight);
    const issues = findIssues(handling.validate, delivery.event);
    if (issues !== undefined) requestInFlight.details.issues = issues;
    return await handleDelivery(delivery, handling, requestInFlight);
  }

  function toReply(outcome: Outcome): Reply {
    const reply =
      outcome.kind === "refused"
        ? refuse(outcome.error, { bodyRead: outcome.bodyBytes !== undefined })
        : acknowledge();
    // A server that closes would wait for connections that are kept alive.
    if (closed !== undefined) reply.headers["connection"] = "close";
    return reply;
  }

  return {
    receive,
    async fetch(request) {
      const { method, headers } = request;
      const body = toReadableBody(request);
      const reply = await receive({ method, headers, body, native: request, parsedBodyCure: FETCH_CURE });
      // The connection is the runtime's, and HTTP/2 has no such header.
      const { connection: _connection, ...replyHeaders } = reply.headers;
      return new Response(reply.body === "" ? null : reply.body, {
        status: reply.status,
        headers: replyHeaders,
      });
    },
    async close({ timeoutSeconds = 10 } = {}) {
      if (timeoutSeconds !== Infinity && timeoutSeconds !== 0) {
        assertTimerSeconds("timeoutSeconds", timeoutSeconds);
      }
      const drained = Promise.all([inFlight.drain(timeoutSeconds * 1000), work?.close({ timeoutSeconds })]);
      closed ??= drained.then(() => {
        callQuietly(() => onOutcome.flush?.());
        return store === false ? undefined : leaveStore(store);
      });
      return closed;
    },
  };
}
