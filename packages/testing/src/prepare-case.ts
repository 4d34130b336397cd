import {
  type Handlers,
  type IdempotencyStore,
  MemoryStore,
  type Receiver,
  type ReceiverOptions,
  createReceiver,
} from "@ahasend-webhooks/core";

import { type AdapterCase, caseSecret, caseTime } from "./adapter-case.js";
import { signDelivery } from "./sign-delivery.js";

/** A receiver in the state that a case requires. */
export interface PreparedCase {
  receiver: Receiver;
  /** Its options, for adapters that create their own receiver and then call {@link enterState}. */
  options: ReceiverOptions;
  /** The event types that its handler has received since. */
  handled: string[];
  /** Returns the number of deliveries that its store remembers. */
  remembered: () => number;
}

/**
 * Creates a receiver in the state that a case requires.
 *
 * @example
 * const { receiver, handled } = await prepareCase(adapterCase);
 */
export async function prepareCase({
  receiver: { handler, state, options },
  request,
}: AdapterCase): Promise<PreparedCase> {
  const now = () => caseTime;
  const memory = new MemoryStore({ now });
  const store = state === "store_down" ? createUnreachableStore() : memory;
  const key = `default:${String(request.headers["webhook-id"])}`;
  const handled: string[] = [];
  const handle = {
    returns: () => undefined,
    throws: () => Promise.reject(new Error("the handler failed")),
    // Ends one turn after the deadline, so that no test has to wait for it.
    hangs: (signal: AbortSignal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => setImmediate(resolve))),
  };
  const on: Handlers =
    handler === "none"
      ? {}
      : {
          "*": (event, { signal }) => {
            handled.push(event.type);
            return handle[handler](signal);
          },
        };
  const receiverOptions = { secret: caseSecret, now, on, store, onOutcome: () => undefined, ...options };
  const receiver = createReceiver(receiverOptions);
  if (state === "in_flight") await store.claim(key, "another process", 15_000);
  if (state === "done") {
    await store.claim(key, "an earlier attempt", 15_000);
    await store.commit(key, "an earlier attempt", store.retentionSeconds * 1000);
  }
  await enterState(state, receiver);
  return { receiver, options: receiverOptions, handled, remembered: () => memory.size };
}

/**
 * Brings a receiver into the part of a case's state that options cannot express: closes it (`closed`), or fills its
 * memory budget with bodies that never end (`full`).
 */
export async function enterState(
  state: AdapterCase["receiver"]["state"],
  receiver: Pick<Receiver, "receive" | "close">,
): Promise<void> {
  if (state === "closed") await receiver.close();
  if (state !== "full") return;
  await Promise.all(["msg_that_fills", "msg_that_fills_up"].map((id) => sendEndlessBody(receiver, id)));
}

/** Sends a body that never ends. Resolves when the receiver has read its first chunk. */
async function sendEndlessBody(receiver: Pick<Receiver, "receive">, id: string): Promise<void> {
  const { headers } = signDelivery({ secret: caseSecret, event: "", at: caseTime, id });
  await new Promise<void>((filled) => {
    const body = (async function* () {
      yield Buffer.alloc(1000);
      filled();
      await new Promise(() => undefined);
    })();
    void receiver.receive({ headers, body });
  });
}

function createUnreachableStore(): IdempotencyStore {
  const fail = () => Promise.reject(new Error("connection refused"));
  return { retentionSeconds: 86_400, claim: fail, renew: fail, commit: fail, release: fail };
}
