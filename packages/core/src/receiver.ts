import { IncomingBody } from "./intake/body.js";
import { type BudgetAccount, ByteBudget } from "./intake/budget.js";
import { callQuietly } from "./call-quietly.js";
import { claim, leaseWithoutStore } from "./handling/claim.js";
import type { Lease } from "./handling/lease.js";
import { pickHandler, runHandler } from "./handling/dispatch.js";
import { isWebhookError, toWebhookError } from "./errors.js";
import { toReadableBody } from "./intake/fetch-body.js";
import { type RequestInFlight, addSignal } from "./handling/request-in-flight.js";
import { InFlight, closing } from "./handling/in-flight.js";
import type { ReceiverOptions, StoreOption } from "./options.js";
import {
  type AcknowledgedOutcome,
  type Result,
  type OutcomeDetails,
  reportOutcome,
  toOutcome,
} from "./outcome.js";
import type { WebhookRequest } from "./request.js";
import { type Reply, acknowledge, refuse } from "./respond.js";
import { resolveHandlingOptions, resolveVerifierOptions, assertTimerSeconds } from "./settings.js";
import { joinStore, leaveStore } from "./handling/store-users.js";
import { type VerifiedDelivery, admit } from "./verify.js";

/** Receives deliveries: verifies, deduplicates and handles them, and says what to answer. */
export interface Receiver {
  /** Handles one request. Never rejects: what goes wrong becomes the status the sender needs to see. */
  receive(request: WebhookRequest): Promise<Reply>;
  /** The same for runtimes that speak Fetch: Hono, Next.js, Bun, Deno, Workers. */
  fetch(request: Request): Promise<Response>;
  /**
   * Refuses new deliveries with 503, finishes those in flight, and closes the store, unless another receiver uses it.
   * Requests that are still arriving after half a second are refused as well; when the time is up, the signals of
   * handlers fire, and a second later what is left is abandoned to the next attempt. A second call with a shorter time
   * hurries the first. Keeps the process alive until then.
   *
   * Do not await it in a handler: it waits for that handler.
   *
   * @throws {TypeError} for a wrong time
   * @throws what closing the store throws; the deliveries have ended by then
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
 * Makes a receiver out of a secret and handlers.
 *
 * @throws {TypeError} for wrong options, such as an empty secret
 *
 * @example
 * const receiver = createReceiver({
 *   secret: process.env.AHASEND_WEBHOOK_SECRET!,
 *   on: { "message.bounced": (event) => suppress(event.data.recipient) },
 * });
 * const reply = await receiver.receive({ headers, body });
 */
export function createReceiver<Chosen extends StoreOption = undefined>(
  options: ReceiverOptions<Chosen>,
): Receiver {
  const intake = resolveVerifierOptions(options);
  const { on, store, endpoint, onStoreError, onOutcome, inFlightWaitSeconds, deadlineSeconds } =
    resolveHandlingOptions(options);
  const budget = new ByteBudget(intake.maxInFlightBytes);
  const flights = new InFlight(deadlineSeconds);
  let closed: Promise<void> | undefined;
  if (store !== false) joinStore(store);

  /** The reply is sent when the work has ended, or when the flight is cut short: what the work ends in then is late. */
  function receive(request: WebhookRequest): Promise<Reply> {
    return new Promise((send) => {
      const startedAt = performance.now();
      const trace: OutcomeDetails = {};
      let isSent = false;
      const conclude = (result: Result) => {
        if (isSent) trace.late = true;
        isSent = true;
        reportOutcome(onOutcome, toOutcome(result, performance.now() - startedAt, trace));
        send(toReply(result, trace));
      };
      const account = budget.open();
      const flight = flights.start(account, conclude);
      void work(request, account, flight, trace, conclude);
    });
  }

  /** The way of one request: intake, then handling. Never rejects. */
  async function work(
    request: WebhookRequest,
    account: BudgetAccount,
    flight: RequestInFlight,
    trace: OutcomeDetails,
    conclude: (result: Result) => void,
  ): Promise<void> {
    let result: Result;
    try {
      const delivery = await takeIn(request, account, trace);
      if (flight.cutShort !== undefined) throw flight.cutShort;
      result = await handle(delivery, flight, trace);
    } catch (error) {
      result = toWebhookError(error);
    }
    flight.end();
    const hasHandlerRun = trace.handlerMs !== undefined;
    if (flight.cutShort === undefined || hasHandlerRun) conclude(result);
  }

  function takeIn(
    request: WebhookRequest,
    account: BudgetAccount,
    trace: OutcomeDetails,
  ): Promise<VerifiedDelivery> {
    const body = new IncomingBody(request.body);
    if (closed !== undefined) throw closing();
    return admit(request, body, intake, account, trace);
  }

  async function handle(
    { event, context }: VerifiedDelivery,
    flight: RequestInFlight,
    trace: OutcomeDetails,
  ): Promise<AcknowledgedOutcome["kind"]> {
    const handler = pickHandler(on, event.type);
    if (handler === undefined) return "ignored";

    flight.startDeadline();
    const lease = await claimDelivery(context.deliveryId, flight, trace);
    if (lease === undefined) return "duplicate";
    if (flight.cutShort !== undefined) {
      await lease.release();
      throw flight.cutShort;
    }
    flight.hold(lease);

    const { attempt, extras } = lease;
    trace.attempt = attempt;
    const makeContext = () => addSignal({ ...extras, ...context, attempt }, flight);
    const storeError = await lease.complete(() => runHandler(handler, event, makeContext, trace));
    if (storeError !== undefined) trace.storeError = storeError;
    return "handled";
  }

  async function claimDelivery(
    deliveryId: string,
    flight: RequestInFlight,
    trace: OutcomeDetails,
  ): Promise<Lease | undefined> {
    if (store === false) return leaseWithoutStore;
    try {
      const waitMs = Math.min(inFlightWaitSeconds * 1000, flight.remainingMs());
      return await claim(store, `${trace.endpoint ?? endpoint}:${deliveryId}`, {
        waitMs,
        signal: () => flight.signal,
      });
    } catch (error) {
      if (onStoreError === "reject" || !isWebhookError(error) || error.code !== "store_unavailable")
        throw error;
      trace.storeError = error;
      return leaseWithoutStore;
    }
  }

  function toReply(result: Result, trace: OutcomeDetails): Reply {
    const isRefusal = typeof result !== "string";
    const reply = isRefusal ? refuse(result, { bodyRead: trace.bodyBytes !== undefined }) : acknowledge();
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
      // The connection is the runtime's, and HTTP/2 knows no such header.
      const { connection: _connection, ...replyHeaders } = reply.headers;
      return new Response(reply.body === "" ? null : reply.body, {
        status: reply.status,
        headers: replyHeaders,
      });
    },
    async close({ timeoutSeconds = 10 } = {}) {
      if (timeoutSeconds !== Infinity && timeoutSeconds !== 0)
        assertTimerSeconds("timeoutSeconds", timeoutSeconds);
      const drained = flights.drain(timeoutSeconds * 1000);
      closed ??= drained.then(() => {
        callQuietly(() => onOutcome.flush?.());
        return store === false ? undefined : leaveStore(store);
      });
      return closed;
    },
  };
}
