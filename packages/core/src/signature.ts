import { type Hmac, type KeyObject, createHmac, timingSafeEqual, verify as verifyEd25519 } from "node:crypto";

import { type Keys, type SecretFormat, hmacKeys } from "./keys.js";

/** `v1,` and the 44 base64 characters of 32 bytes: nothing laxer is a candidate. */
const V1_ENTRY = /^v1,[A-Za-z0-9+/]{43}=$/;
/** `v1a,` and the 88 base64 characters of 64 bytes. */
const V1A_ENTRY = /^v1a,[A-Za-z0-9+/]{86}==$/;
/** An Ed25519 check hashes the whole body each time, so a stranger must not order sixteen of them. */
const MAX_V1A_ENTRIES = 4;

/** What {@link sign} signs, and with what. */
export interface SignOptions {
  /** The secret as the dashboard shows it. */
  secret: string;
  /** The id of the delivery: the header `webhook-id`. */
  id: string;
  /** Unix seconds: the header `webhook-timestamp`. */
  timestamp: number | string;
  /** The exact body. A string is signed as its UTF-8 bytes. */
  body: string | Uint8Array;
  /** @default "raw" */
  secretFormat?: SecretFormat;
}

/**
 * Signs a delivery as AhaSend does: HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks, scheme `v1`).
 *
 * @returns one entry of the header `webhook-signature`: `v1,` and 44 base64 characters
 * @throws {TypeError} if the secret is unusable
 *
 * @example
 * sign({ secret, id: "msg_1", timestamp: 1784041401, body: '{"type":"message.delivered"}' });
 */
export function sign({ secret, id, timestamp, body, secretFormat = "raw" }: SignOptions): string {
  const [key] = hmacKeys(secret, secretFormat) as [KeyObject];
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** The check of one delivery's signature, fed with the body as it arrives: one HMAC per secret, never per entry. */
export class SignatureCheck {
  readonly #hmacs: readonly Hmac[];
  readonly #ed25519: readonly KeyObject[];
  readonly #signedPrefix: string;

  constructor(keys: Keys, id: string, timestamp: string) {
    this.#signedPrefix = `${id}.${timestamp}.`;
    this.#hmacs = keys.hmac.map((key) => createHmac("sha256", key).update(this.#signedPrefix));
    this.#ed25519 = keys.ed25519;
  }

  update(chunk: Uint8Array): void {
    for (const hmac of this.#hmacs) hmac.update(chunk);
  }

  /**
   * Whether any entry of the header `webhook-signature` was made with any of the keys. Entries of other versions and
   * malformed ones are skipped.
   *
   * @param body the whole of what was given to {@link update}
   */
  matches(header: string, body: Uint8Array): boolean {
    const entries = header.split(" ");
    let matched = false;
    const candidates = entries
      .filter((entry) => V1_ENTRY.test(entry))
      .map((entry) => Buffer.from(entry.slice(3)));
    for (const hmac of this.#hmacs) {
      const expected = Buffer.from(hmac.digest("base64"));
      // No early exit: how long it takes must not tell which candidate came close.
      for (const candidate of candidates) matched = timingSafeEqual(candidate, expected) || matched;
    }
    return this.#matchesEd25519(entries, body) || matched;
  }

  #matchesEd25519(entries: readonly string[], body: Uint8Array): boolean {
    if (this.#ed25519.length === 0) return false;
    const candidates = entries.filter((entry) => V1A_ENTRY.test(entry)).slice(0, MAX_V1A_ENTRIES);
    if (candidates.length === 0) return false;
    const signed = Buffer.concat([Buffer.from(this.#signedPrefix), body]);
    let matched = false;
    for (const candidate of candidates) {
      const signature = Buffer.from(candidate.slice("v1a,".length), "base64");
      for (const key of this.#ed25519) matched = verifyEd25519(null, signed, key, signature) || matched;
    }
    return matched;
  }
}
