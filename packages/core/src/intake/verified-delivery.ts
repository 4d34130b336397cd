import type { AhaSendEvent, UnknownEvent } from "../events/event.js";
import type { Head } from "./head.js";
import { parseEvent } from "./parse-event.js";

/** Facts about a delivery, beside its event. */
export interface DeliveryContext {
  /** The header `webhook-id`: the same in every attempt of this delivery. */
  readonly deliveryId: string;
  /** When this attempt was signed. */
  readonly sentAt: Date;
  /**
   * The secret that has signed this attempt: its place in the option `secret`, 0 for the first or only one. `undefined`
   * for a public key, and in a worker, which has no secret: the inbox does not keep it.
   */
  readonly keyIndex?: number | undefined;
  /** The verified bytes. */
  readonly rawBody: Uint8Array;
  /** The framework's own request, if the adapter passes it on. */
  readonly native?: unknown;
}

/** A delivery with a valid signature. */
export interface VerifiedDelivery {
  event: AhaSendEvent | UnknownEvent;
  context: DeliveryContext;
}

/**
 * Parses a body whose signature was verified.
 *
 * @param keyIndex -1 if a public key has verified it
 * @throws {WebhookError} `invalid_payload`
 */
export function toVerifiedDelivery(
  head: Head,
  rawBody: Uint8Array,
  keyIndex: number,
  native: unknown,
): VerifiedDelivery {
  const event = parseEvent(rawBody);
  const sentAt = new Date(Number(head.timestamp) * 1000);
  const context = {
    deliveryId: head.deliveryId,
    sentAt,
    keyIndex: keyIndex === -1 ? undefined : keyIndex,
    rawBody,
    native,
  };
  return { event, context };
}
