import { type Hmac, type KeyObject, timingSafeEqual, verify as verifyEd25519 } from "node:crypto";
import { TextEncoder, promisify } from "node:util";

import type { HmacKey } from "./hmac.js";
import { type Keys, type SecretFormat, toHmacKeys } from "./keys.js";

/** `v1,` and the 44 base64 characters of 32 bytes: compared as text, so that nothing laxer matches. */
const V1_ENTRY_LENGTH = 47;
/** `v1a,` and the 88 base64 characters of 64 bytes. */
const V1A_ENTRY = /^v1a,[A-Za-z0-9+/]{86}==$/;
/** An Ed25519 check hashes the whole body each time, so a stranger must not order sixteen of them. */
const MAX_V1A_ENTRIES = 2;

const verifyEd25519Async = promisify(verifyEd25519);

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
  const [key] = toHmacKeys(secret, secretFormat) as [HmacKey];
  return `v1,${key.digest(`${id}.${timestamp}.`, typeof body === "string" ? Buffer.from(body) : body)}`;
}

// Filled and compared without an `await` in between, so all deliveries can share them.
const expected = Buffer.from(`v1,${" ".repeat(44)}`);
const candidate = Buffer.alloc(expected.length);
const utf8 = new TextEncoder();

/** What is signed beside the body, and what it is signed with. */
export interface SignedHead {
  deliveryId: string;
  timestamp: string;
  /** The entries of `webhook-signature`: those of other versions and malformed ones are skipped. */
  signatures: readonly string[];
}

/** The check of one delivery's signature, fed with the body as it arrives: one HMAC per secret, never per entry. */
export class SignatureCheck {
  readonly #keys: Keys;
  readonly #signedPrefix: string;
  readonly #v1: readonly string[];
  readonly #v1a: readonly string[];
  /** It is hashed when there is a second one: a body in one piece takes a faster way. */
  #firstChunk: Uint8Array | undefined;
  #hmacs: readonly Hmac[] | undefined;

  constructor(keys: Keys, { deliveryId, timestamp, signatures }: SignedHead) {
    this.#keys = keys;
    this.#signedPrefix = `${deliveryId}.${timestamp}.`;
    this.#v1 = signatures.filter(isV1);
    this.#v1a =
      keys.ed25519.length === 0
        ? []
        : signatures.filter((entry) => V1A_ENTRY.test(entry)).slice(0, MAX_V1A_ENTRIES);
  }

  /** Whether there is an entry that a key could have made: if not, the body need not be read. */
  get isPossible(): boolean {
    const { hmac, ed25519 } = this.#keys;
    return this.#v1.length * hmac.length + this.#v1a.length * ed25519.length > 0;
  }

  update(chunk: Uint8Array): void {
    if (this.#hmacs === undefined) {
      const first = this.#firstChunk;
      this.#firstChunk = chunk;
      if (first === undefined) return;
      this.#firstChunk = undefined;
      this.#hmacs = this.#keys.hmac.map((key) => key.begin(this.#signedPrefix).update(first));
    }
    for (const hmac of this.#hmacs) hmac.update(chunk);
  }

  /** `false` when {@link matchesPublicKey} cannot find anything. */
  get hasPublicKey(): boolean {
    return this.#v1a.length > 0;
  }

  /**
   * Returns whether any `v1` entry was made with any of the secrets.
   *
   * @param body the whole of what was given to {@link update}
   */
  matches(body: Uint8Array): boolean {
    let matched = false;
    const digests =
      this.#hmacs?.map((hmac) => hmac.digest("base64")) ??
      this.#keys.hmac.map((key) => key.digest(this.#signedPrefix, body));
    for (const digest of digests) {
      expected.write(digest, "v1,".length, "latin1");
      for (const entry of this.#v1) {
        // A character beyond ASCII takes more than one byte: then not all of the entry fits in.
        const isWhole = utf8.encodeInto(entry, candidate).read === entry.length;
        // No early exit: how long it takes must not tell which entry came close.
        matched = (timingSafeEqual(candidate, expected) && isWhole) || matched;
      }
    }
    return matched;
  }

  /** Returns whether any `v1a` entry was made with any of the public keys. */
  matchesPublicKey(body: Uint8Array): boolean {
    const signed = this.#signedBytes(body);
    return this.#v1aChecks().some(([key, signature]) => verifyEd25519(null, signed, key, signature));
  }

  /** The same beside the event loop: each check hashes the whole body, and a stranger chooses how large it is. */
  async matchesPublicKeyAsync(body: Uint8Array): Promise<boolean> {
    const signed = this.#signedBytes(body);
    for (const [key, signature] of this.#v1aChecks()) {
      if (await verifyEd25519Async(null, signed, key, signature)) return true;
    }
    return false;
  }

  /** A second copy of the body: Node cannot stream it. */
  #signedBytes(body: Uint8Array): Uint8Array {
    return Buffer.concat([Buffer.from(this.#signedPrefix), body]);
  }

  #v1aChecks(): [KeyObject, Buffer][] {
    return this.#v1a.flatMap((entry) => {
      const signature = Buffer.from(entry.slice("v1a,".length), "base64");
      return this.#keys.ed25519.map((key): [KeyObject, Buffer] => [key, signature]);
    });
  }
}

function isV1(entry: string): boolean {
  return entry.length === V1_ENTRY_LENGTH && entry.startsWith("v1,");
}
