import { IncomingBody } from "./intake/body.js";
import { type BudgetAccount, ByteBudget } from "./intake/budget.js";
import { alreadyParsed, toBytes } from "./intake/collector.js";
import { WebhookError } from "./errors.js";
import type { AhaSendEvent, UnknownEvent } from "./events/event.js";
import type { DeliveryContext } from "./handling/handler.js";
import type { Keys } from "./signature/keys.js";
import type { ClockOptions, VerificationKeys, VerifierOptions } from "./options.js";
import { type OutcomeDetails, toPrintableType } from "./outcome.js";
import { parseEvent } from "./intake/parse-event.js";
import { isPromiseLike } from "./promise-like.js";
import { type Head, assertHead, readHead } from "./intake/head.js";
import type { WebhookRequest } from "./request.js";
import {
  type VerifierSettings,
  resolveClockOptions,
  resolveFixedKeys,
  resolveVerifierOptions,
} from "./settings.js";
import { SignatureCheck } from "./signature/signature.js";

/** A delivery that its sender signed. */
export interface VerifiedDelivery {
  event: AhaSendEvent | UnknownEvent;
  context: DeliveryContext;
}

/** Options of {@link verify}. */
export type VerifyOptions = VerificationKeys<string | readonly string[]> & ClockOptions;

/** Verifies requests whose body may still be on its way. */
export interface Verifier {
  /** @throws {WebhookError} for every delivery that is not AhaSend's, fresh and whole */
  verify(request: WebhookRequest): Promise<VerifiedDelivery>;
}

/**
 * Verifies a delivery whose body is already in memory, and nothing else: no dedupe, no handlers.
 *
 * @throws {WebhookError} for every delivery that is not AhaSend's, fresh and whole
 * @throws {TypeError} for wrong options
 *
 * @example
 * const { event, context } = verify({ headers: request.headers, body: rawBody }, { secret });
 */
export function verify(request: WebhookRequest, options: VerifyOptions): VerifiedDelivery {
  const keys = resolveFixedKeys(options);
  const head = readHead(request);
  const { now, toleranceSeconds } = resolveClockOptions(options);
  assertHead(head, { now, toleranceSeconds, maxBodyBytes: Infinity });
  const check = startSignatureCheck(head, keys);
  const rawBody = toBytes(request.body);
  if (rawBody === undefined)
    throw alreadyParsed("The body is neither bytes nor a string", request.parsedBodyCure);
  check.update(rawBody);
  const isAuthentic = check.matches(rawBody) || (check.hasPublicKey && check.matchesPublicKey(rawBody));
  if (!isAuthentic) throw notAuthentic(head, rawBody);
  return toDelivery(head, rawBody, request.native);
}

/**
 * Makes a {@link Verifier}: the intake of a receiver without its dedupe and handlers, for those who dispatch
 * themselves.
 *
 * @throws {TypeError} for wrong options
 *
 * @example
 * const { event } = await createVerifier({ secret }).verify({ headers: req.headers, body: req });
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = resolveVerifierOptions(options);
  const budget = new ByteBudget(settings.maxInFlightBytes);
  return {
    async verify(request) {
      const body = new IncomingBody(request.body);
      const account = budget.open();
      try {
        return await admit(request, body, settings, account, {});
      } finally {
        account.close();
      }
    },
  };
}

/** Headers, body, signature, parse: the first half of the way of a request. Notes on `trace` how far it came. */
export async function admit(
  request: WebhookRequest,
  body: IncomingBody,
  settings: VerifierSettings,
  account: BudgetAccount,
  trace: OutcomeDetails,
): Promise<VerifiedDelivery> {
  const head = readHead(request);
  trace.deliveryId = head.deliveryId;
  trace.lagMs = settings.now() - Number(head.timestamp) * 1000;
  assertHead(head, settings);
  const found = settings.keys(request);
  const keys = isPromiseLike(found) ? await found : found;
  if (keys.endpoint !== undefined) trace.endpoint = keys.endpoint;
  const check = startSignatureCheck(head, keys);
  const rawBody = await body.read({
    onChunk: (chunk) => check.update(chunk),
    contentLength: head.contentLength,
    maxBodyBytes: settings.maxBodyBytes,
    timeoutSeconds: settings.bodyTimeoutSeconds,
    account,
    parsedBodyCure: request.parsedBodyCure,
  });
  trace.bodyBytes = rawBody.length;
  const isAuthentic =
    check.matches(rawBody) || (check.hasPublicKey && (await check.matchesPublicKeyAsync(rawBody)));
  if (!isAuthentic) throw notAuthentic(head, rawBody);
  const delivery = toDelivery(head, rawBody, request.native);
  trace.type = toPrintableType(delivery.event.type);
  return delivery;
}

/** @throws {WebhookError} `invalid_signature` when no key can have made any of the entries */
function startSignatureCheck(head: Head, keys: Keys): SignatureCheck {
  const check = new SignatureCheck(keys, head);
  if (check.isPossible) return check;
  const hasKeys = keys.hmac.length + keys.ed25519.length > 0;
  throw hasKeys ? invalidSignature() : unknownSender();
}

function toDelivery(head: Head, rawBody: Uint8Array, native: unknown): VerifiedDelivery {
  const event = parseEvent(rawBody);
  const sentAt = new Date(Number(head.timestamp) * 1000);
  return { event, context: { deliveryId: head.deliveryId, sentAt, rawBody, native } };
}

/** The refusal of a body that no signature matches: perhaps because it is not the whole of it. */
function notAuthentic({ contentLength = 0 }: Head, rawBody: Uint8Array): WebhookError {
  if (rawBody.length >= contentLength) return invalidSignature();
  return new WebhookError(
    "body_aborted",
    `${rawBody.length} of ${contentLength} bytes of the body arrived: raise the body limit of whatever in front of the receiver cuts it off (in Next.js: experimental.proxyClientMaxBodySize).`,
  );
}

function invalidSignature(): WebhookError {
  return new WebhookError(
    "invalid_signature",
    "No signature matches: compare the secret with the one on this webhook's page in the dashboard, and check that nothing in front changes the body.",
  );
}

function unknownSender(): WebhookError {
  return new WebhookError(
    "invalid_signature",
    "The secret function returned no secret for this request: check the look-up, or the environment variable it reads, unless the sender is a stranger.",
  );
}
