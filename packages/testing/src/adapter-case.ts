import type { IntakeOptions } from "@ahasend-webhooks/core";

import { signDelivery } from "./sign-delivery.js";
import { createEvent } from "./create-event.js";

/** One request to a receiver behind an adapter, and what must come of it. Plain data, for `it.each`. */
export interface AdapterCase {
  name: string;
  /** The receiver and what it knows before the request comes. */
  receiver: {
    /** What its handler does. `none` leaves `on` empty. */
    handler: "returns" | "throws" | "hangs" | "none";
    /** What became of the same delivery before, and what state the rest is in. */
    state: "fresh" | "done" | "in_flight" | "store_down" | "full" | "closed";
    options?: IntakeOptions & { deadlineSeconds?: number; inFlightWaitSeconds?: number };
  };
  /** What the framework did with the body before the route. */
  parser: "none" | "json" | "raw";
  request: {
    method: string;
    headers: Readonly<Record<string, string | readonly string[]>>;
    body: string;
    /** `stalled` sends half of the body and waits, `unsent` only declares it. */
    sending: "whole" | "chunked" | "stalled" | "unsent";
  };
  expected: {
    status: number;
    /** The code in the body; absent for 204. */
    code?: string;
    headers?: Readonly<Record<string, string>>;
    /** Whether the server must close the connection. */
    closes?: boolean;
  };
  /** The types that the handler must have seen. */
  handled: readonly string[];
  /** How many deliveries the store must remember afterwards: handled, in flight or failed, never a refused one. */
  remembered: number;
}

type Result = AdapterCase["expected"] & Pick<AdapterCase, "handled">;

/** The secret of every case. */
export const caseSecret = "aha-whsec-Rj5nW8xK2vB7mQ4tY9pL3sD6fH1gZ0cA";

/** The time of every case, in milliseconds since 1970: the receiver's clock stands there. */
export const caseTime = Date.UTC(2026, 6, 14, 15, 3, 21);

/** The delivery that the cases are made from. */
const genuineEvent = createEvent("message.bounced", {
  timestamp: "2026-07-14T15:03:20Z",
  data: { id: "message-1" },
});
export const genuineDelivery = signDelivery({
  secret: caseSecret,
  event: genuineEvent,
  at: caseTime,
  id: "msg_1",
});

/** What sets a case apart from the genuine delivery. */
export interface Difference {
  receiver?: Partial<AdapterCase["receiver"]>;
  parser?: AdapterCase["parser"];
  request?: Partial<Omit<AdapterCase["request"], "headers">> & {
    /** Headers to change; `undefined` leaves one out. */
    headers?: Record<string, string | readonly string[] | undefined>;
  };
}

/** A case by what sets it apart from a genuine, fresh delivery that is handled. */
export function createCase(
  name: string,
  difference: Difference,
  { handled, ...expected }: Result,
): AdapterCase {
  const changed = { ...genuineDelivery.headers, ...difference.request?.headers };
  return {
    name,
    receiver: { handler: "returns", state: "fresh", ...difference.receiver },
    parser: difference.parser ?? "none",
    request: {
      method: "POST",
      body: genuineDelivery.body,
      sending: "whole",
      ...difference.request,
      headers: Object.fromEntries(
        Object.entries(changed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    },
    expected,
    handled,
    remembered:
      handled.length > 0 || ["done", "in_flight"].includes(difference.receiver?.state ?? "fresh") ? 1 : 0,
  };
}

/** The answer to a refused delivery. */
export function createRefusal(status: number, code: string, more: Partial<Result> = {}): Result {
  return { status, code, handled: [], ...more };
}

/** Another body or time, correctly signed. */
export function withSignedBody(event: string, at = caseTime): Difference {
  return { request: signDelivery({ secret: caseSecret, event, at, id: "msg_1" }) };
}
