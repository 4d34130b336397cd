import { createHash } from "node:crypto";

import type { StoredDelivery } from "@ahasend-webhooks/core";
import { type KeptDelivery, isKeptDelivery, toKeptDelivery } from "@ahasend-webhooks/core/inbox";

/** The data of a job. */
export interface JobData extends KeptDelivery {
  /** Milliseconds since 1970, with fractions: the order of arrival of what one process accepts. */
  acceptedAt: number;
  /** The job is kept only so that duplicates are recognized. */
  isDiscarded?: true;
}

export function toJobData(delivery: StoredDelivery): JobData {
  return { ...toKeptDelivery(delivery), acceptedAt: performance.timeOrigin + performance.now() };
}

/** Returns the data of a job, `undefined` if it is a job of something else. */
export function readJobData(data: unknown): JobData | undefined {
  return isKeptDelivery(data) && "acceptedAt" in data && typeof data.acceptedAt === "number"
    ? { ...data, acceptedAt: data.acceptedAt }
    : undefined;
}

/**
 * Returns the id of a delivery's job. Always hashed: BullMQ refuses ids with a colon and those of digits only, and an id
 * such as `meta` would overwrite one of its own keys.
 */
export function toJobId({ endpoint, deliveryId }: StoredDelivery): string {
  // The id of a delivery has no line break, so the last one separates.
  return `d-${createHash("sha256").update(`${endpoint}\n${deliveryId}`).digest("hex")}`;
}
