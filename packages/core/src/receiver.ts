import { IncomingBody } from "./body.js";
import { ByteBudget } from "./budget.js";
import { type Lease, claim, unguarded } from "./dedupe.js";
import { pickHandler, runHandler } from "./dispatch.js";
import { WebhookError, isWebhookError } from "./errors.js";
import { fetchBody } from "./fetch.js";
import { type Flight, Flights, addSignal, closing } from "./flights.js";
import type { ReceiverOptions, StoreOption } from "./options.js";
import { type Acknowledged, type Trace, logOutcomes, report } from "./outcome.js";
import type { WebhookRequest } from "./request.js";
import { type Reply, acknowledge, refuse } from "./respond.js";
import { resolveHandlingOptions, resolveVerifierOptions, timer } from "./settings.js";
import { admit } from "./verify.js";

/** Receives deliveries: verifies, deduplicates and handles them, and says what to answer. */
export interface Receiver {
  /** Handles one request. Never rejects: what goes wrong becomes the status the sender needs to see. */
  receive(request: WebhookRequest): Promise<Reply>;
  /** The same for runtimes that speak Fetch: Hono, Next.js, Bun, Deno, Workers. */
  fetch(request: Request): Promise<Response>;
  /**
   * Refuses new deliveries with 503, waits for those in flight, aborts their signals when the time is up and closes
   * the store last.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Options of {@link Receiver.close}. */
export interface CloseOptions {
  /** How long to wait for deliveries in flight; `Infinity` waits for all. @default 10 */
  timeoutSeconds?: number;
}

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
  const { on, store, endpoint, onStoreError, inFlightWaitSeconds, deadlineSeconds } =
    resolveHandlingOptions(options);
  const observer = options.onOutcome ?? logOutcomes(console);
  const budget = new ByteBudget(intake.maxInFlightBytes);
  const flights = new Flights(deadlineSeconds);
  let closed: Promise<void> | undefined;

  async function receive(request: WebhookRequest): Promise<Reply> {
    const startedAt = performance.now();
    const flight = flights.start();
    const trace: Trace = {};
    const tell = (result: Acknowledged["kind"] | WebhookError): Reply => {
      const durationMs = performance.now() - startedAt;
      // The trace comes last: adding to a copy of it takes as long as a signature check.
      if (typeof result === "string") {
        report(observer, { kind: result, code: result, status: 204, durationMs, ...trace });
        return acknowledge();
      }
      const { code, status } = result;
      report(observer, { kind: "refused", code, status, error: result, durationMs, ...trace });
      return refuse(result, { bodyRead: trace.bodyBytes !== undefined });
    };
    try {
      return tell(await handle(request, flight, trace, tell));
    } catch (error) {
      return tell(asWebhookError(error));
    }
  }

  /** The way of one request. The flight ends with its work, which may be after the reply: `tellLate` hears of it. */
  async function handle(
    request: WebhookRequest,
    flight: Flight,
    trace: Trace,
    tellLate: (result: Acknowledged["kind"] | WebhookError) => unknown,
  ): Promise<Acknowledged["kind"]> {
    const body = new IncomingBody(request.body);
    const account = budget.open();
    let work: Promise<void> | undefined;
    try {
      if (closed !== undefined) throw closing();
      const { event, context } = await admit(request, body, intake, account, trace);

      const handler = pickHandler(on, event.type);
      if (handler === undefined) return "ignored";

      if (flight.cutShort !== undefined) throw flight.cutShort;
      flight.startDeadline();
      const lease = await leaseFor(context.deliveryId, flight, trace);
      if (lease === undefined) return "duplicate";
      if (flight.cutShort !== undefined) {
        await lease.release();
        throw flight.cutShort;
      }
      trace.attempt = lease.attempt;
      flight.onAbandon((reason) => lease.abandon(reason));

      const { attempt, extras } = lease;
      const handlerContext = addSignal({ ...extras, ...context, attempt }, flight);
      work = lease
        .complete(() => runHandler(handler, event, handlerContext, trace))
        .then((storeError) => {
          if (storeError !== undefined) trace.storeError = storeError;
        });
      await flight.outlasting(work);
      return "handled";
    } catch (error) {
      if (work !== undefined && error === flight.cutShort) {
        const late = (result: Acknowledged["kind"] | WebhookError) => {
          trace.late = true;
          tellLate(result);
        };
        work.then(
          () => late("handled"),
          (lateError: unknown) => late(asWebhookError(lateError)),
        );
      }
      throw error;
    } finally {
      const end = () => {
        account.close();
        flight.end();
      };
      if (work === undefined) end();
      else work.then(end, end);
    }
  }

  async function leaseFor(deliveryId: string, flight: Flight, trace: Trace): Promise<Lease | undefined> {
    if (store === false) return unguarded;
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
      return unguarded;
    }
  }

  return {
    receive,
    async fetch(request) {
      const { method, headers } = request;
      const reply = await receive({ method, headers, body: fetchBody(request), native: request });
      // The connection is the runtime's, and HTTP/2 knows no such header.
      const { connection: _connection, ...replyHeaders } = reply.headers;
      return new Response(reply.body === "" ? null : reply.body, {
        status: reply.status,
        headers: replyHeaders,
      });
    },
    close({ timeoutSeconds = 10 } = {}) {
      if (timeoutSeconds !== Infinity && timeoutSeconds !== 0) timer("timeoutSeconds", timeoutSeconds);
      closed ??= flights
        .drain(timeoutSeconds * 1000)
        .then(() => (store === false ? undefined : store.close?.()));
      return closed;
    },
  };
}

function asWebhookError(error: unknown): WebhookError {
  if (isWebhookError(error)) return error;
  return new WebhookError(
    "handler_failed",
    "Something that should never fail did: please report it, with the cause.",
    {
      cause: error,
    },
  );
}
