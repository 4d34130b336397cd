import contract from "../../../contract/vectors.json" with { type: "json" };
import type { Handlers, Outcome, ReceiverOptions, Reply, WebhookError } from "../src/index.js";
import { sign } from "../src/index.js";

export type Vector = (typeof contract.vectors)[number];

export const vectors: readonly Vector[] = contract.vectors;

export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** 2026-07-14T15:03:21Z, in Unix seconds. */
export const at = 1784041401;

export const now = () => at * 1000;

export const bounced = JSON.stringify({
  type: "message.bounced",
  timestamp: "2026-07-14T15:03:20Z",
  data: { recipient: "gone@example.com", event: "on_bounced" },
});

/** The headers of a vector, as the sender sets them. */
export function headersOf(vector: Vector) {
  return {
    "webhook-id": vector.webhook_id_header,
    "webhook-timestamp": vector.webhook_timestamp,
    "webhook-signature": vector.webhook_signature,
  };
}

/** A clock that stands still at the moment a vector was signed. */
export function clockOf(vector: Vector) {
  return () => Number(vector.webhook_timestamp) * 1000;
}

/** A signed delivery of any body. */
export function delivery(body: string | Uint8Array = bounced, id = "msg_1", timestamp: number | string = at) {
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign({ secret, id, timestamp, body }),
    },
    body,
  };
}

/** The body of an inbound e-mail with an attachment of a size in bytes. */
export function inbound(size: number): Buffer {
  const attachments = [{ filename: "a", data: "*" }];
  const event = JSON.stringify({ type: "message.routing", timestamp: "", data: { attachments } });
  const [head = "", tail = ""] = event.split("*");
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size, "QUJD"), Buffer.from(tail)]);
}

/** Options of a receiver that keeps its outcomes in a list. */
export function recording(on: Handlers, more: Partial<ReceiverOptions> = {}) {
  const outcomes: Outcome[] = [];
  const options = {
    secret,
    now,
    on,
    onOutcome: (outcome: Outcome) => outcomes.push(outcome),
    ...more,
  } as ReceiverOptions;
  return { options, outcomes };
}

/** The code in a reply's body. */
export function codeOf(reply: Pick<Reply, "body">): string | undefined {
  return reply.body === "" ? undefined : (JSON.parse(reply.body) as WebhookError).code;
}

/** A promise with its ends. */
export function deferred<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
