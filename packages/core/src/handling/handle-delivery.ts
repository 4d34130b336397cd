import { isWebhookError } from "../errors.js";
import { acceptDelivery } from "../inbox/accept-delivery.js";
import type { VerifiedDelivery } from "../intake/verified-delivery.js";
import type { AcknowledgedOutcome } from "../outcome.js";
import type { HandlingSettings } from "../settings.js";
import { isInbox } from "../stores/inbox.js";
import type { ReceiptStore } from "../stores/store.js";
import { claim, leaseWithoutStore } from "./claim.js";
import { pickHandler, runHandler } from "./dispatch.js";
import type { Lease } from "./lease.js";
import { type RequestInFlight, addSignal } from "./request-in-flight.js";

/**
 * The handling of a verified delivery: handler, claim, work, receipt; or its hand-over to an inbox.
 *
 * @throws {WebhookError} `handler_failed`, `in_flight`, `store_unavailable`, `inbox_unavailable`, or the reason for which
 * the request was cut short
 */
export async function handleDelivery(
  delivery: VerifiedDelivery,
  settings: HandlingSettings,
  request: RequestInFlight,
): Promise<AcknowledgedOutcome["kind"]> {
  if (request.cutShort !== undefined) throw request.cutShort;
  const { event, context } = delivery;
  const { store } = settings;
  const endpoint = request.details.endpoint ?? settings.endpoint;
  const handler = pickHandler(settings.on, event.type);
  if (handler === undefined) return "ignored";

  request.startDeadline();
  if (store !== false && isInbox(store)) return await acceptDelivery(store, delivery, endpoint, request);
  const claimed = claimDelivery(store, `${endpoint}:${context.deliveryId}`, settings, request);
  const lease = claimed instanceof Promise ? await claimed : claimed;
  if (lease === undefined) return "duplicate";
  if (request.cutShort !== undefined) {
    await lease.release();
    throw request.cutShort;
  }

  request.hold(lease);
  const { attempt, extras } = lease;
  request.details.attempt = attempt;
  const createContext = () => addSignal({ ...extras, ...context, attempt }, request);
  const storeError = await lease.complete(() => runHandler(handler, event, createContext, request.details));
  if (storeError !== undefined) request.details.storeError = storeError;
  return "handled";
}

/** Claims a delivery, or lets it pass without dedupe if the options say so. */
function claimDelivery(
  store: ReceiptStore | false,
  key: string,
  { inFlightWaitSeconds, onStoreError }: HandlingSettings,
  request: RequestInFlight,
): Promise<Lease | undefined> | Lease | undefined {
  if (store === false) return leaseWithoutStore;
  const passWithoutDedupe = (error: unknown): Lease => {
    const isStoreError = isWebhookError(error) && error.code === "store_unavailable";
    if (onStoreError === "reject" || !isStoreError) throw error;
    request.details.storeError = error;
    return leaseWithoutStore;
  };
  try {
    const claimed = claim(store, key, {
      waitMs: Math.min(inFlightWaitSeconds * 1000, request.remainingMs()),
      signal: () => request.signal,
    });
    return claimed instanceof Promise ? claimed.catch(passWithoutDedupe) : claimed;
  } catch (error) {
    return passWithoutDedupe(error);
  }
}
