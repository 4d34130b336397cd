import { readPayload } from "../../deliveries/payload.js";
import { toPrintable } from "../../to-printable.js";
import { statusText } from "./delivery-text.js";
import type { Forwarded } from "../listener/forward.js";
import { paint } from "../output.js";
import type { RecordedRequest } from "../listener/recording.js";

const MAX_PARSED_BYTES = 1_000_000;
/** The length of a reply's body in JSON output; as much as an attempt keeps. */
const SHOWN_BYTES = 4096;

/** Returns the id and the type of a request, if it has them. */
export function identifyRequest({ headers, body }: Pick<RecordedRequest, "headers" | "body">): {
  deliveryId: string | null;
  type: string | null;
} {
  const id = headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1];
  const type = readType(body);
  return { deliveryId: id ?? null, type: type === "" ? null : type };
}

/** Reads only the beginning of a large body: AhaSend writes the type first, and forged bodies may contain anything. */
function readType(body: Buffer): string {
  if (body.length <= MAX_PARSED_BYTES) return readPayload(body.toString(), []).type;
  const [, type = ""] = /^\{"type":"([a-z._]+)"/.exec(body.toString("latin1", 0, SHOWN_BYTES)) ?? [];
  return type;
}

/** Formats what identifies a request. */
export function requestText(request: RecordedRequest): string {
  const { deliveryId, type } = identifyRequest(request);
  const name = [type, deliveryId].filter((part) => part !== null).join(" ");
  return toPrintable(name === "" ? `${request.method} ${request.url}` : name);
}

/** Returns whether a forwarded request was acknowledged. */
export function isAcknowledged(forwarded: Forwarded): boolean {
  return "status" in forwarded && forwarded.status >= 200 && forwarded.status < 300;
}

/** Formats the outcome of a forwarded request. */
export function forwardedText(forwarded: Forwarded): string {
  const [what, why] =
    "status" in forwarded
      ? [statusText(forwarded.status), truncateBody(forwarded.body)]
      : [forwarded.error.code, forwarded.error.message];
  const succeeded = isAcknowledged(forwarded);
  return [
    paint(succeeded ? "green" : "red", what),
    `${Math.round(forwarded.latencyMs)} ms`,
    ...("isCut" in forwarded && forwarded.isCut ? [`cut after ${forwarded.body.length} bytes`] : []),
    ...(succeeded ? [] : [toPrintable(why)]),
  ].join("  ");
}

/** Returns the same for JSON output. */
export function forwardedData(forwarded: Forwarded): object {
  const latencyMs = Math.round(forwarded.latencyMs * 10) / 10;
  return "status" in forwarded
    ? {
        status: forwarded.status,
        reply: truncateBody(forwarded.body),
        isCut: forwarded.isCut,
        error: null,
        latencyMs,
      }
    : { status: null, reply: null, isCut: false, error: forwarded.error, latencyMs };
}

function truncateBody(body: Buffer): string {
  return body.toString("utf8", 0, SHOWN_BYTES);
}
