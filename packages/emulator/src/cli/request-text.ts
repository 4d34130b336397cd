import { payloadOf } from "../payload.js";
import { printable } from "../printable.js";
import { statusText } from "./text.js";
import type { Forwarded } from "./forward.js";
import { paint } from "./output.js";
import type { RecordedRequest } from "./recording.js";

/** By what a request is told from others, as far as it says. */
export function nameOf({ headers, body }: RecordedRequest): {
  deliveryId: string | null;
  type: string | null;
} {
  const id = headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1];
  const { type } = payloadOf(body.toString(), []);
  return { deliveryId: id ?? null, type: type === "" ? null : type };
}

/** The name of a request in front of people. */
export function nameText(request: RecordedRequest): string {
  const { deliveryId, type } = nameOf(request);
  const name = [type, deliveryId].filter((part) => part !== null).join(" ");
  return printable(name === "" ? `${request.method} ${request.url}` : name);
}

/** Whether a request that was passed on was acknowledged. */
export function isAcknowledged(forwarded: Forwarded): boolean {
  return "status" in forwarded && forwarded.status >= 200 && forwarded.status < 300;
}

/** What came of a request that was passed on, in front of people. */
export function forwardedText(forwarded: Forwarded): string {
  const [what, why] =
    "status" in forwarded
      ? [statusText(forwarded.status), forwarded.body.toString()]
      : [forwarded.error.code, forwarded.error.message];
  const succeeded = isAcknowledged(forwarded);
  return [
    paint(succeeded ? "green" : "red", what),
    `${Math.round(forwarded.latencyMs)} ms`,
    ...(succeeded ? [] : [printable(why)]),
  ].join("  ");
}

/** The same for programs. */
export function forwardedData(forwarded: Forwarded): object {
  const latencyMs = Math.round(forwarded.latencyMs * 10) / 10;
  return "status" in forwarded
    ? { status: forwarded.status, answer: forwarded.body.toString(), error: null, latencyMs }
    : { status: null, answer: null, error: forwarded.error, latencyMs };
}
