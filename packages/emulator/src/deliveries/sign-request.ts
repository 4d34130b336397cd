import { sign } from "@ahasend-webhooks/core";

import { USER_AGENT } from "../contract.js";
import { isRequestFault } from "../faults/assert-faults.js";
import { type SigningInput, getFaultEffect } from "../faults/fault-effects.js";
import type { Fault } from "../faults/faults.js";
import type { OutgoingRequest } from "../transport/outgoing-request.js";

/** Input of {@link signRequest}. */
export interface RequestParts {
  url: string;
  secret: string;
  /** The header `webhook-id`. */
  id: string;
  body: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The number of the attempt, from 1. */
  number: number;
  faults: readonly Fault[];
}

/** Returns the signed request of an attempt, with the faults of that attempt applied. */
export function signRequest({ url, secret, id, body, at, number, faults }: RequestParts): OutgoingRequest {
  const active = faults.filter(isRequestFault).filter(({ attempts = Infinity }) => number <= attempts);
  const input: SigningInput = { timestamp: Math.floor(at / 1000), secrets: [secret] };
  for (const fault of active) {
    const effect = getFaultEffect(fault);
    if ("beforeSigning" in effect) effect.beforeSigning(input, fault);
  }
  const { timestamp, secrets } = input;
  const headers: OutgoingRequest["headers"] = {
    "user-agent": USER_AGENT,
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": secrets.map((secret) => sign({ secret, id, timestamp, body })).join(" "),
  };
  const request: OutgoingRequest = { method: "POST", url, headers, body, uploadSeconds: 0 };
  for (const fault of active) {
    const effect = getFaultEffect(fault);
    if ("afterSigning" in effect) effect.afterSigning(request, fault);
  }
  headers["content-length"] = String(Buffer.byteLength(request.body));
  return request;
}
