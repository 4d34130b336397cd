import { WebhookError } from "./errors.js";
import { IncomingBody } from "./intake/body.js";
import { ByteBudget } from "./intake/budget.js";
import { toBytes } from "./intake/collector.js";
import { assertHead, readHead } from "./intake/head.js";
import { type VerifiedDelivery, toVerifiedDelivery } from "./intake/verified-delivery.js";
import { notAuthentic, startSignatureCheck, verifyDelivery } from "./intake/verify-delivery.js";
import type { ClockOptions, VerificationKeys, VerifierOptions } from "./options.js";
import { REFUSALS } from "./refusals.js";
import type { WebhookRequest } from "./request.js";
import { resolveClockOptions, resolveFixedKeys, resolveVerifierOptions } from "./settings.js";

/** Options of {@link verify}. */
export type VerifyOptions = VerificationKeys<string | readonly string[]> & ClockOptions;

/** Verifies requests whose body may still be arriving. */
export interface Verifier {
  /** @throws {WebhookError} for every delivery that is not AhaSend's, fresh and complete */
  verify(request: WebhookRequest): Promise<VerifiedDelivery>;
}

/**
 * Verifies a delivery whose body is already in memory, and nothing else: no dedupe, no handlers.
 *
 * @throws {WebhookError} for every delivery that is not AhaSend's, fresh and complete
 * @throws {TypeError} for invalid options
 *
 * @example
 * const { event, context } = verify({ headers: request.headers, body: rawBody }, { secret });
 */
export function verify(request: WebhookRequest, options: VerifyOptions = {}): VerifiedDelivery {
  const keys = resolveFixedKeys(options);
  const head = readHead(request);
  const { now, toleranceSeconds } = resolveClockOptions(options);
  assertHead(head, { now, toleranceSeconds, maxBodyBytes: Infinity });
  const check = startSignatureCheck(head, keys);
  const rawBody = toBytes(request.body);
  if (rawBody === undefined) {
    const message = REFUSALS.body_already_parsed.message.notRaw(request.parsedBodyCure);
    throw new WebhookError("body_already_parsed", message);
  }
  check.update(rawBody);
  const keyIndex = check.findSecret(rawBody);
  const isAuthentic = keyIndex !== -1 || (check.hasPublicKey && check.matchesPublicKey(rawBody));
  if (!isAuthentic) throw notAuthentic(head, rawBody);
  return toVerifiedDelivery(head, rawBody, keyIndex, request.native);
}

/**
 * Creates a {@link Verifier}: the intake of a receiver without its dedupe and handlers, for apps that dispatch
 * events themselves.
 *
 * @throws {TypeError} for invalid options
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
        return await verifyDelivery(request, body, settings, { account, details: {} });
      } finally {
        account.close();
      }
    },
  };
}
