import { readPayload } from "../../deliveries/payload.js";
import { toPrintable } from "../../to-printable.js";
import { statusText } from "./status-text.js";
import type { Forwarded } from "../listener/forward.js";
import { paint } from "../output.js";
import type { RecordedRequest } from "../listener/recording.js";

const MAX_PARSED_BYTES = 1_000_000;
/** Of an answer's body; as much as an attempt keeps. */
const SHOWN_BYTES = 4096;

/** Returns what identifies a request, as far as it says. */
export function identifyRequest({ headers, body }: RecordedRequest): {
  deliveryId: string | null;
  type: string | null;
} {
  const id = headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1];
  const type = readType(body);
  return { deliveryId: id ?? null, type: type === "" ? null : type };
}

/** Of a large body only the beginning is read: AhaSend writes the type there, and a stranger may write anything. */
function readType(body: Buffer): string {
  if (body.length <= MAX_PARSED_BYTES) return readPayload(body.toString(), []).type;
  const [, type = ""] = /^\{"type":"([a-z._]+)"/.exec(body.toString("latin1", 0, SHOWN_BYTES)) ?? [];
  return type;
}

/** The name of a request in front of people. */
export function requestText(request: RecordedRequest): string {
  const { deliveryId, type } = identifyRequest(request);
  const name = [type, deliveryId].filter((part) => part !== null).join(" ");
  return toPrintable(name === "" ? `${request.method} ${request.url}` : name);
}

/** Whether a request that was passed on was acknowledged. */
export function isAcknowledged(forwarded: Forwarded): boolean {
  return "status" in forwarded && forwarded.status >= 200 && forwarded.status < 300;
}

/** What came of a request that was passed on, in front of people. */
export function forwardedText(forwarded: Forwarded): string {
  const [what, why] =
    "status" in forwarded
      ? [statusText(forwarded.status), shown(forwarded.body)]
      : [forwarded.error.code, forwarded.error.message];
  const succeeded = isAcknowledged(forwarded);
  return [
    paint(succeeded ? "green" : "red", what),
    `${Math.round(forwarded.latencyMs)} ms`,
    ...("isCut" in forwarded && forwarded.isCut ? [`cut after ${forwarded.body.length} bytes`] : []),
    ...(succeeded ? [] : [toPrintable(why)]),
  ].join("  ");
}

/** The same for programs. */
export function forwardedData(forwarded: Forwarded): object {
  const latencyMs = Math.round(forwarded.latencyMs * 10) / 10;
  return "status" in forwarded
    ? {
        status: forwarded.status,
        answer: shown(forwarded.body),
        isCut: forwarded.isCut,
        error: null,
        latencyMs,
      }
    : { status: null, answer: null, isCut: false, error: forwarded.error, latencyMs };
}

function shown(body: Buffer): string {
  return body.toString("utf8", 0, SHOWN_BYTES);
}
