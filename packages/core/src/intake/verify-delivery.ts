import { WebhookError } from "../errors.js";
import { type OutcomeDetails, toPrintableType } from "../outcome.js";
import { isPromiseLike } from "../promise-like.js";
import { REFUSALS } from "../refusals.js";
import type { WebhookRequest } from "../request.js";
import type { VerifierSettings } from "../settings.js";
import type { Keys } from "../signature/keys.js";
import { SignatureCheck } from "../signature/signature.js";
import type { IncomingBody } from "./body.js";
import type { BudgetAccount } from "./budget.js";
import { type Head, assertHead, readHead } from "./head.js";
import { type VerifiedDelivery, toVerifiedDelivery } from "./verified-delivery.js";

/** The memory that a request holds, and the facts known about it so far. */
export interface IntakeState {
  readonly account: BudgetAccount;
  readonly details: OutcomeDetails;
}

/**
 * The intake of a request: headers, keys, body, signature, event. Nothing of the body is read before the headers have
 * passed.
 *
 * @throws {WebhookError} for every delivery that is not AhaSend's, fresh and complete
 */
export async function verifyDelivery(
  request: WebhookRequest,
  body: IncomingBody,
  settings: VerifierSettings,
  { account, details }: IntakeState,
): Promise<VerifiedDelivery> {
  const head = readHead(request);
  details.deliveryId = head.deliveryId;
  details.lagMs = settings.now() - Number(head.timestamp) * 1000;
  assertHead(head, settings);

  const lookUp = settings.keys(request);
  const keys = isPromiseLike(lookUp) ? await lookUp : lookUp;
  if (keys.endpoint !== undefined) details.endpoint = keys.endpoint;

  const check = startSignatureCheck(head, keys);
  const rawBody = await body.read({
    onChunk: (chunk) => check.update(chunk),
    contentLength: head.contentLength,
    maxBodyBytes: settings.maxBodyBytes,
    timeoutSeconds: settings.bodyTimeoutSeconds,
    account,
    parsedBodyCure: request.parsedBodyCure,
  });
  details.bodyBytes = rawBody.length;

  const keyIndex = check.findSecret(rawBody);
  const isAuthentic = keyIndex !== -1 || (check.hasPublicKey && (await check.matchesPublicKeyAsync(rawBody)));
  if (!isAuthentic) throw notAuthentic(head, rawBody);
  if (keyIndex !== -1) details.keyIndex = keyIndex;

  const delivery = toVerifiedDelivery(head, rawBody, keyIndex, request.native);
  details.type = toPrintableType(delivery.event.type);
  return delivery;
}

/**
 * Starts the check of a delivery's signature.
 *
 * @throws {WebhookError} `invalid_signature` if no key can have made any of the entries
 */
export function startSignatureCheck(head: Head, keys: Keys): SignatureCheck {
  const check = new SignatureCheck(keys, head);
  if (check.isPossible) return check;
  const hasKeys = keys.hmac.length + keys.ed25519.length > 0;
  const { noMatch, noSecret } = REFUSALS.invalid_signature.message;
  throw new WebhookError("invalid_signature", hasKeys ? noMatch : noSecret);
}

/** Creates the refusal of a body that no signature matches, perhaps because a part of it is missing. */
export function notAuthentic({ contentLength = 0 }: Head, rawBody: Uint8Array): WebhookError {
  if (rawBody.length >= contentLength) {
    return new WebhookError("invalid_signature", REFUSALS.invalid_signature.message.noMatch);
  }
  const message = REFUSALS.body_aborted.message.cutOff(rawBody.length, contentLength);
  return new WebhookError("body_aborted", message);
}
