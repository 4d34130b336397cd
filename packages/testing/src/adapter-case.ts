import type { IntakeOptions } from "@ahasend-webhooks/core";

import { signDelivery } from "./sign-delivery.js";
import { createEvent } from "./events/create-event.js";

/** One request to a receiver behind an adapter, and the expected result. Plain data, for `it.each`. */
export interface AdapterCase {
  name: string;
  /** The receiver, and its state before the request. */
  receiver: {
    /** The behavior of its handler; with `none`, `on` is empty. */
    handler: "returns" | "throws" | "hangs" | "none";
    /** `done` and `in_flight`: of an earlier attempt of the same delivery; `full`: the memory budget is used up. */
    state: "fresh" | "done" | "in_flight" | "store_down" | "full" | "closed";
    options?: IntakeOptions & { deadlineSeconds?: number; inFlightWaitSeconds?: number };
  };
  /** The body parser that the framework runs before the adapter. */
  parser: "none" | "json" | "raw";
  request: {
    method: string;
    headers: Readonly<Record<string, string | readonly string[]>>;
    body: string;
    /** `stalled` sends half of the body and then waits; `unsent` only declares its length. */
    sending: "whole" | "chunked" | "stalled" | "unsent";
  };
  expected: {
    status: number;
    /** The code in the body; not set for 204. */
    code?: string;
    headers?: Readonly<Record<string, string>>;
    /** `true` if the server must close the connection. */
    closes?: boolean;
  };
  /** The event types that the handler must have received. */
  handled: readonly string[];
  /** The number of deliveries that the store must remember afterwards: handled, in flight or failed, but not refused. */
  remembered: number;
}

type Result = AdapterCase["expected"] & Pick<AdapterCase, "handled">;

/** The secret of every case. */
export const caseSecret = "aha-whsec-Rj5nW8xK2vB7mQ4tY9pL3sD6fH1gZ0cA";

/** The time of every case, in milliseconds since 1970; the receiver's clock is fixed at it. */
export const caseTime = Date.UTC(2026, 6, 14, 15, 3, 21);

const genuineEvent = createEvent("message.bounced", {
  timestamp: "2026-07-14T15:03:20Z",
  data: { id: "message-1" },
});
/** The delivery that the cases are derived from. */
export const genuineDelivery = signDelivery({
  secret: caseSecret,
  event: genuineEvent,
  at: caseTime,
  id: "msg_1",
});

/** The changes of a case to a fresh, genuine delivery. */
export interface CaseChanges {
  receiver?: Partial<AdapterCase["receiver"]>;
  parser?: AdapterCase["parser"];
  request?: Partial<Omit<AdapterCase["request"], "headers">> & {
    /** Headers to replace; `undefined` removes one. */
    headers?: Record<string, string | readonly string[] | undefined>;
  };
}

/** Creates a case from its changes to a fresh, genuine delivery, and its expected result. */
export function createCase(
  name: string,
  changes: CaseChanges,
  { handled, ...expected }: Result,
): AdapterCase {
  const headers = { ...genuineDelivery.headers, ...changes.request?.headers };
  return {
    name,
    receiver: { handler: "returns", state: "fresh", ...changes.receiver },
    parser: changes.parser ?? "none",
    request: {
      method: "POST",
      body: genuineDelivery.body,
      sending: "whole",
      ...changes.request,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([header, value]) => (value === undefined ? [] : [[header, value]])),
      ),
    },
    expected,
    handled,
    remembered:
      handled.length > 0 || ["done", "in_flight"].includes(changes.receiver?.state ?? "fresh") ? 1 : 0,
  };
}

/** Returns the expected result of a delivery that is refused. */
export function createRefusal(status: number, code: string, more: Partial<Result> = {}): Result {
  return { status, code, handled: [], ...more };
}

/** Returns the changes to another body or time, with a valid signature. */
export function withSignedBody(event: string, at = caseTime): CaseChanges {
  return { request: signDelivery({ secret: caseSecret, event, at, id: "msg_1" }) };
}

/** Changes one header of the genuine delivery; `undefined` leaves it out. */
export const withHeader = (name: string, value: string | readonly string[] | undefined): CaseChanges => ({
  request: { headers: { [name]: value } },
});
