import { type KeyObject, createPublicKey } from "node:crypto";

import { HmacKey } from "./hmac.js";

/** The encoding of a secret: the key is its UTF-8 bytes (`raw`), or what it decodes to (`base64`). */
export type SecretFormat = "raw" | "base64";

/** The keys that verify a signature. */
export interface Keys {
  hmac: readonly HmacKey[];
  ed25519: readonly KeyObject[];
  /** The endpoint that the secret look-up returned. */
  endpoint?: string;
}

const MAX_KEYS = 8;
const MIN_SECRET_LENGTH = 16;
const ED25519_KEY_BYTES = 32;
/** RFC 8410: the DER wrapping of a bare Ed25519 public key. */
const ED25519_DER_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Creates HMAC keys from secrets.
 *
 * - `raw`: the UTF-8 bytes of the whole string, as AhaSend does; nothing is stripped or decoded.
 * - `base64`: a stock Standard Webhooks secret; `whsec_` is stripped and the rest decoded.
 *
 * @param name of the secret in messages
 * @throws {TypeError} for a missing, blank, short, padded or undecodable secret, and for more than 8
 */
export function toHmacKeys(secret: unknown, format: SecretFormat, name = "secret"): HmacKey[] {
  const secrets = list(secret, name);
  if (secrets.length === 1) return [toHmacKey(secrets[0], format, name)];
  return secrets.map((one, index) => {
    if (one == null)
      throw new TypeError(`${name} lists ${String(one)}: leave it out while no secret is being replaced.`);
    return toHmacKey(one, format, `${name} (entry ${index + 1} of ${secrets.length})`);
  });
}

/** The last key: `verify` gets the same secret with every call, and to prepare the key anyway takes a fifth of its time. */
let last: { text: unknown; format: SecretFormat; key: HmacKey } | undefined;

function toHmacKey(text: unknown, format: SecretFormat, name: string): HmacKey {
  if (last === undefined || last.text !== text || last.format !== format) {
    last = { text, format, key: new HmacKey(decodeSecret(text, format, name)) };
  }
  return last.key;
}

/**
 * Creates Ed25519 keys from Standard Webhooks public keys (`whpk_` and 32 bytes in base64).
 *
 * @throws {TypeError} for anything else, and for more than 8
 */
export function toEd25519Keys(publicKey: unknown): KeyObject[] {
  return list(publicKey, "publicKey").map((text) => {
    const bytes =
      typeof text === "string" && text.startsWith("whpk_")
        ? decodeBase64(text.slice("whpk_".length))
        : undefined;
    if (bytes?.length !== ED25519_KEY_BYTES) {
      throw new TypeError('publicKey is not an Ed25519 key: pass "whpk_" followed by 32 bytes in base64.');
    }
    return createPublicKey({ key: Buffer.concat([ED25519_DER_PREFIX, bytes]), format: "der", type: "spki" });
  });
}

function list(value: unknown, name: string): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new TypeError(`${name} is an empty list: pass at least one.`);
  if (values.length > MAX_KEYS)
    throw new TypeError(`${name} lists more than ${MAX_KEYS}: remove the retired ones.`);
  return values;
}

function decodeSecret(secret: unknown, format: SecretFormat, name: string): Buffer {
  if (typeof secret !== "string") {
    throw new TypeError(
      `${name} is ${secret === null ? "null" : typeof secret}, not a string: copy it from the webhook's page in the AhaSend dashboard, and make sure that the environment variable is loaded before it is read.`,
    );
  }
  if (secret.trim() === "") throw new TypeError(`${name} is empty: copy it from the AhaSend dashboard.`);
  if (secret.trim() !== secret) {
    throw new TypeError(`${name} has white space around it: remove it, it would be part of the key.`);
  }
  // Only around what AhaSend or Standard Webhooks would issue: other secrets may be any string.
  if (/^(["'`])(aha-|whsec_).*\1$/s.test(secret)) {
    throw new TypeError(`${name} has quotes around it: remove them, they would be part of the key.`);
  }
  if (secret.startsWith("aha-sk-")) {
    throw new TypeError(
      `${name} is an API key (aha-sk-…): copy the signing secret from the webhook's page in the AhaSend dashboard.`,
    );
  }
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new TypeError(`${name} is shorter than ${MIN_SECRET_LENGTH} characters: copy all of it.`);
  }
  if (format === "raw") return Buffer.from(secret, "utf8");
  const bytes = decodeBase64(secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret);
  if (bytes === undefined || bytes.length < MIN_SECRET_LENGTH) {
    throw new TypeError(
      `${name} is not base64 of at least ${MIN_SECRET_LENGTH} bytes: leave out secretFormat for AhaSend's own secrets.`,
    );
  }
  return bytes;
}

/** Node decodes leniently, so only a string that encodes back to itself counts. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
