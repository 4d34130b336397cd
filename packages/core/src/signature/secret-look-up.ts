import { assertEndpoint } from "../assert-options.js";
import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import { type Keys, type SecretFormat, toHmacKeys } from "./keys.js";
import type { SecretLookUpResult, OneOrMore, SecretSource, TenantSecret } from "../options.js";
import { isPromiseLike } from "../promise-like.js";
import type { WebhookRequest } from "../request.js";
import { withTimeout } from "../with-timeout.js";

/** A look-up runs before anything is verified: strangers must not be able to pile up slow ones. */
const LOOK_UP_MS = 3000;
const MAX_LOOK_UPS = 100;

type LookUp = Exclude<SecretSource, OneOrMore>;

/**
 * Creates the function that looks up the keys for a request.
 *
 * @throws {WebhookError} (the returned function) `secret_unavailable` when the look-up fails, takes too long or returns
 * an invalid secret
 */
export function createSecretLookUp(
  lookUp: LookUp,
  format: SecretFormat,
  ed25519: Keys["ed25519"],
): (request: WebhookRequest) => Keys | Promise<Keys> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const takeTurn = () => void (running += 1);
  const endTurn = () => {
    running -= 1;
    waiting.shift()?.();
  };

  /** Runs a look-up in the turn that its caller has taken, and ends the turn. */
  function start(request: WebhookRequest): Keys | Promise<Keys> {
    let isPending = false;
    try {
      const found = lookUp(request);
      isPending = isPromiseLike(found);
      return isPromiseLike(found) ? finish(found) : toKeys(found, format, ed25519);
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      if (!isPending) endTurn();
    }
  }

  async function finish(found: PromiseLike<SecretLookUpResult>): Promise<Keys> {
    try {
      return toKeys(await withTimeout(LOOK_UP_MS, Promise.resolve(found)), format, ed25519);
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      endTurn();
    }
  }

  async function startLater(request: WebhookRequest): Promise<Keys> {
    let onTurn = () => {};
    // Counted as running at once, so that a newcomer cannot take the turn first.
    const turn = new Promise<void>((resolve) => {
      onTurn = () => resolve(takeTurn());
    });
    waiting.push(onTurn);
    try {
      await withTimeout(LOOK_UP_MS, turn);
    } catch (cause) {
      const place = waiting.indexOf(onTurn);
      if (place === -1) endTurn();
      else waiting.splice(place, 1);
      throw unavailable(cause);
    }
    return start(request);
  }

  return (request) => {
    if (running >= MAX_LOOK_UPS) return startLater(request);
    takeTurn();
    return start(request);
  };
}

/** @throws {TypeError} for an invalid secret */
function toKeys(found: SecretLookUpResult, format: SecretFormat, ed25519: Keys["ed25519"]): Keys {
  if (isTenantSecret(found)) {
    assertEndpoint(found.endpoint);
    return { ...toKeys(found.secret, format, ed25519), endpoint: found.endpoint };
  }
  const isUnknown = found === null || found === undefined || found.length === 0;
  return { hmac: isUnknown ? [] : toHmacKeys(found, format), ed25519 };
}

function isTenantSecret(found: SecretLookUpResult): found is TenantSecret {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}

function unavailable(cause: unknown): WebhookError {
  const { unusable, late } = REFUSALS.secret_unavailable.message;
  const message = cause instanceof TypeError ? unusable : late(LOOK_UP_MS / 1000);
  return new WebhookError("secret_unavailable", message, { cause });
}
