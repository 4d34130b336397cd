import { type Hmac, type KeyObject, createHmac, timingSafeEqual, verify as verifyEd25519 } from "node:crypto";

import { type Keys, type SecretFormat, hmacKeys } from "./keys.js";

/** `v1,` and the 44 base64 characters of 32 bytes: nothing laxer is a candidate. */
const V1_ENTRY = /^v1,[A-Za-z0-9+/]{43}=$/;
/** `v1a,` and the 88 base64 characters of 64 bytes. */
const V1A_ENTRY = /^v1a,[A-Za-z0-9+/]{86}==$/;
/** An Ed25519 check hashes the whole body each time, so a stranger must not order sixteen of them. */
const MAX_V1A_ENTRIES = 2;

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
  readonly #v1: readonly Buffer[];
  readonly #v1a: readonly Buffer[];

  /**
   * @param header `webhook-signature`: entries of other versions and malformed ones are skipped
   */
  constructor(keys: Keys, id: string, timestamp: string, header: string) {
    const entries = new Set(header.split(" "));
    const matching = (pattern: RegExp) => [...entries].filter((entry) => pattern.test(entry));
    this.#signedPrefix = `${id}.${timestamp}.`;
    this.#hmacs = keys.hmac.map((key) => createHmac("sha256", key).update(this.#signedPrefix));
    this.#ed25519 = keys.ed25519;
    this.#v1 = matching(V1_ENTRY).map((entry) => Buffer.from(entry.slice("v1,".length)));
    this.#v1a = matching(V1A_ENTRY)
      .slice(0, MAX_V1A_ENTRIES)
      .map((entry) => Buffer.from(entry.slice("v1a,".length), "base64"));
  }

  /** Whether there is an entry that a key could have made: if not, the body need not be read. */
  get isPossible(): boolean {
    return this.#v1.length * this.#hmacs.length + this.#v1a.length * this.#ed25519.length > 0;
  }

  update(chunk: Uint8Array): void {
    for (const hmac of this.#hmacs) hmac.update(chunk);
  }

  /**
   * Whether any entry was made with any of the keys.
   *
   * @param body the whole of what was given to {@link update}
   */
  matches(body: Uint8Array): boolean {
    let matched = false;
    for (const hmac of this.#hmacs) {
      const expected = Buffer.from(hmac.digest("base64"));
      // No early exit: how long it takes must not tell which candidate came close.
      for (const candidate of this.#v1) matched = timingSafeEqual(candidate, expected) || matched;
    }
    return matched || this.#matchesEd25519(body);
  }

  /** Public keys hold no secret that time could tell. The signed bytes are a second copy of the body: Node cannot stream them. */
  #matchesEd25519(body: Uint8Array): boolean {
    if (this.#v1a.length === 0 || this.#ed25519.length === 0) return false;
    const signed = Buffer.concat([Buffer.from(this.#signedPrefix), body]);
    return this.#v1a.some((signature) =>
      this.#ed25519.some((key) => verifyEd25519(null, signed, key, signature)),
    );
  }
}
