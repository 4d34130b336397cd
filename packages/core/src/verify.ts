import { expectErrors, readBody } from "./body.js";
import { type BudgetAccount, ByteBudget } from "./budget.js";
import { wholeBody } from "./collector.js";
import { WebhookError } from "./errors.js";
import type { AhaSendEvent, UnknownEvent } from "./events/event.js";
import type { DeliveryContext } from "./handler.js";
import type { Keys } from "./keys.js";
import type { ClockOptions, VerificationKeys, VerifierOptions } from "./options.js";
import { type Trace, printableType } from "./outcome.js";
import { parse } from "./parse.js";
import { type Head, type WebhookRequest, bodyTooLarge, checkHead, readHead } from "./request.js";
import { type VerifierSettings, resolveClock, resolveFixedKeys, resolveVerifierOptions } from "./settings.js";
import { SignatureCheck } from "./signature.js";

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
  const { now, toleranceSeconds } = resolveClock(options);
  checkHead(head, { now, toleranceSeconds, maxBodyBytes: Infinity });
  const check = checkOf(head, keys);
  const rawBody = wholeBody(request.body);
  check.update(rawBody);
  return conclude(head, check, rawBody, request.native);
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
      const account = budget.open();
      try {
        return await admit(request, settings, account, {});
      } finally {
        account.close();
      }
    },
  };
}

/** Headers, body, signature, parse: the first half of the way of a request. Notes on `trace` how far it came. */
export async function admit(
  request: WebhookRequest,
  settings: VerifierSettings,
  account: BudgetAccount,
  trace: Trace,
): Promise<VerifiedDelivery> {
  try {
    const head = readHead(request);
    trace.deliveryId = head.deliveryId;
    trace.lagMs = settings.now() - Number(head.timestamp) * 1000;
    checkHead(head, settings);
    // What is declared is held from the start: bodies that cannot all be kept would starve each other half-way.
    account.hold(head.contentLength ?? 0);
    const found = settings.keys(request);
    if (found instanceof Promise) expectErrors(request.body);
    const check = checkOf(head, found instanceof Promise ? await found : found);
    const rawBody = await readBody(request.body, (chunk) => check.update(chunk), {
      contentLength: head.contentLength,
      maxBodyBytes: settings.maxBodyBytes,
      timeoutSeconds: settings.bodyTimeoutSeconds,
      hold: (bytes) => account.hold(bytes),
      tooLarge: () => bodyTooLarge(settings.maxBodyBytes),
    });
    trace.bodyBytes = rawBody.length;
    const delivery = conclude(head, check, rawBody, request.native);
    trace.type = printableType(delivery.event.type);
    return delivery;
  } catch (error) {
    expectErrors(request.body);
    throw error;
  }
}

/** @throws {WebhookError} `invalid_signature` when no key can have made any of the entries */
function checkOf(head: Head, keys: Keys): SignatureCheck {
  const check = new SignatureCheck(keys, head);
  if (!check.isPossible) throw invalidSignature();
  return check;
}

function conclude(head: Head, check: SignatureCheck, rawBody: Uint8Array, native: unknown): VerifiedDelivery {
  if (!check.matches(rawBody)) throw invalidSignature();
  const event = parse(rawBody);
  const sentAt = new Date(Number(head.timestamp) * 1000);
  return { event, context: { deliveryId: head.deliveryId, sentAt, rawBody, native } };
}

function invalidSignature(): WebhookError {
  return new WebhookError(
    "invalid_signature",
    "No signature matches: compare the secret with the one on this webhook's page in the dashboard, and check that nothing in front changes the body.",
  );
}
