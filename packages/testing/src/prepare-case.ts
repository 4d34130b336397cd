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

/** A receiver in the state a case asks for. */
export interface PreparedCase {
  receiver: Receiver;
  /** What it was made of, for adapters that make their own and bring that into the state with {@link enterState}. */
  options: ReceiverOptions;
  /** The types its handler has seen since. */
  handled: string[];
  /** How many deliveries its store remembers now. */
  remembered: () => number;
}

/**
 * Brings a receiver into the state a case asks for.
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
    // Until the deadline and one turn more, so that nothing has to wait for it afterwards.
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
 * Does to a receiver what the state of a case asks for beyond its options: closes it, or fills its memory with
 * bodies that never end.
 */
export async function enterState(
  state: AdapterCase["receiver"]["state"],
  receiver: Pick<Receiver, "receive" | "close">,
): Promise<void> {
  if (state === "closed") await receiver.close();
  if (state !== "full") return;
  await Promise.all(["msg_that_fills", "msg_that_fills_up"].map((id) => sendEndlessBody(receiver, id)));
}

/** @returns when the receiver has read what comes of a body that never ends */
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
