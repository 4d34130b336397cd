import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";

import type { OutgoingRequest } from "../transport/outgoing-request.js";
import { type Fault, MAX_LATE_SECONDS } from "./faults.js";

/** Inputs of the signature that a fault can change. */
export interface SigningInput {
  /** Unix seconds. */
  timestamp: number;
  /** One signature is made with each. */
  secrets: string[];
}

/** Number of deliveries, and when they are sent. */
export interface Repetition {
  count: number;
  timing: "together" | "in_turn";
}

/** Number and order of the deliveries of an `emit`. */
export interface DeliveryPlan {
  /** Deliveries with the same id. @default one */
  copies?: Repetition;
  /** Deliveries of the same event, each with its own id. @default one */
  repetitions?: Repetition;
  isReordered: boolean;
}

/** Effect on a single attempt. */
type AttemptEffect<Kind> =
  | { beforeSigning(input: SigningInput, fault: Kind): void }
  | { afterSigning(request: OutgoingRequest, fault: Kind): void };

/** Effect on all attempts. */
type DeliveryEffect<Kind> =
  | { changeEvent(event: Record<string, unknown>, fault: Kind): Record<string, unknown> }
  | { plan(plan: DeliveryPlan, fault: Kind): void };

/** Effect of a fault: on single attempts if it has the field `attempts`. */
type FaultEffect<Kind> = "attempts" extends keyof Kind ? AttemptEffect<Kind> : DeliveryEffect<Kind>;

/** Effects of faults: a fault without one does not compile. */
export type FaultEffects<AnyFault extends { kind: string }> = {
  readonly [Kind in AnyFault["kind"]]: FaultEffect<Extract<AnyFault, { kind: Kind }>>;
};

const faultEffects = {
  timestamp: {
    beforeSigning(input, { offsetSeconds }) {
      input.timestamp += Math.round(offsetSeconds);
    },
  },
  wrong_secret: {
    beforeSigning(input) {
      input.secrets = [createSecret()];
    },
  },
  rotated_secret: {
    beforeSigning(input) {
      input.secrets.unshift(createSecret());
    },
  },
  unsigned: {
    afterSigning({ headers }) {
      delete headers["webhook-signature"];
    },
  },
  unknown_version: {
    afterSigning({ headers }, { version = "v2" }) {
      headers["webhook-signature"] = readSignature(headers).replaceAll(/\bv1,/g, `${version},`);
    },
  },
  extra_signatures: {
    afterSigning({ headers }) {
      const unknown = randomBytes(64).toString("base64");
      headers["webhook-signature"] =
        `v1a,${unknown} v2,${unknown} v1,tooshort malformed ${readSignature(headers)}`;
    },
  },
  truncated_body: {
    afterSigning(request, fault) {
      const bytes = Buffer.from(request.body);
      request.body = bytes.subarray(0, fault.bytes ?? Math.floor(bytes.length / 2));
    },
  },
  slow_upload: {
    afterSigning(request, { seconds }) {
      request.uploadSeconds = seconds;
    },
  },
  content_encoding: {
    afterSigning(request, { encoding }) {
      request.body = compress[encoding](request.body);
      request.headers["content-encoding"] = encoding;
    },
  },
  copies: {
    plan(plan, { count, timing }) {
      plan.copies ??= { count, timing };
    },
  },
  repeated_event: {
    plan(plan, { count, timing }) {
      plan.repetitions ??= { count, timing };
    },
  },
  out_of_order: {
    changeEvent: (event, { seconds = MAX_LATE_SECONDS }) => ({
      ...event,
      timestamp: moveBack(event["timestamp"], seconds),
    }),
  },
  reordered: {
    plan(plan) {
      plan.isReordered = true;
    },
  },
  unknown_type: {
    changeEvent: (event, { type = "message.teleported" }) => ({ ...event, type }),
  },
  extra_fields: {
    changeEvent: (event) => addExtraFields(event),
  },
} satisfies FaultEffects<Fault>;

/** Returns the effect of a fault. */
export function getFaultEffect({ kind }: Fault): AttemptEffect<Fault> | DeliveryEffect<Fault> {
  return faultEffects[kind];
}

// The default quality of brotli takes a minute for the largest bodies.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const compress = {
  gzip: (body: string | Uint8Array) => gzipSync(body),
  deflate: (body: string | Uint8Array) => deflateSync(body),
  br: (body: string | Uint8Array) => brotliCompressSync(body, brotliOptions),
};

function createSecret(): string {
  return `aha-whsec-${randomBytes(24).toString("base64url")}`;
}

function readSignature(headers: OutgoingRequest["headers"]): string {
  return headers["webhook-signature"] ?? "";
}

/** Returns an earlier time; a value that is not a time stays as it is. */
function moveBack(timestamp: unknown, seconds: number): unknown {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  if (Number.isNaN(time)) return timestamp;
  return new Date(time - seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Adds fields wherever a new version of AhaSend may add some. */
function addExtraFields(event: Record<string, unknown>): Record<string, unknown> {
  const extra = { emulated_extra_field: { list: [1, "two", null], "<&>": "\u2028" } };
  const { data } = event;
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  return { ...event, data: isObject ? { ...data, ...extra } : data, ...extra };
}
