import type { AhaSendEvent, UnknownEvent } from "../events/event.js";
import type { Head } from "./head.js";
import { parseEvent } from "./parse-event.js";

/** Facts about a delivery, beside its event. */
export interface DeliveryContext {
  /** The header `webhook-id`: the same in every attempt of this delivery. */
  readonly deliveryId: string;
  /** When this attempt was signed. */
  readonly sentAt: Date;
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

/** Parses a body whose signature was verified. @throws {WebhookError} `invalid_payload` */
export function toVerifiedDelivery(head: Head, rawBody: Uint8Array, native: unknown): VerifiedDelivery {
  const event = parseEvent(rawBody);
  const sentAt = new Date(Number(head.timestamp) * 1000);
  return { event, context: { deliveryId: head.deliveryId, sentAt, rawBody, native } };
}
