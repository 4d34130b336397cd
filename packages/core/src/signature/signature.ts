import { type Hmac, type KeyObject, timingSafeEqual, verify as verifyEd25519 } from "node:crypto";
import { TextEncoder, promisify } from "node:util";

import type { HmacKey } from "./hmac.js";
import { type Keys, type SecretFormat, toHmacKeys } from "./keys.js";

/** `v1,` and the 44 base64 characters of 32 bytes: compared as strings, so that no lax decoding can match. */
const V1_ENTRY_LENGTH = 47;
/** `v1a,` and the 88 base64 characters of 64 bytes. */
const V1A_ENTRY = /^v1a,[A-Za-z0-9+/]{86}==$/;
/** An Ed25519 check hashes the whole body each time, so strangers must not be able to request sixteen. */
const MAX_V1A_ENTRIES = 2;

const verifyEd25519Async = promisify(verifyEd25519);

/** Options of {@link sign}. */
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
 * @throws {TypeError} for an invalid secret
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

/** The signed headers and the signatures of a delivery. */
export interface SignedHead {
  deliveryId: string;
  timestamp: string;
  /** The entries of `webhook-signature`: those of other versions and malformed ones are skipped. */
  signatures: readonly string[];
}

/** Checks the signature of one delivery while its body arrives: one HMAC per secret, never per entry. */
export class SignatureCheck {
  readonly #keys: Keys;
  readonly #signedPrefix: string;
  readonly #v1: readonly string[];
  readonly #v1a: readonly string[];
  /** Hashed when a second one arrives: a body in one piece has a faster path. */
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

  /** `true` if a key could have made one of the entries; if not, the body need not be read. */
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

  /** `false` if {@link matchesPublicKey} cannot match. */
  get hasPublicKey(): boolean {
    return this.#v1a.length > 0;
  }

  /**
   * Returns the index of the first secret that made any of the `v1` entries; -1 if none did.
   *
   * @param body all bytes that were passed to {@link update}
   */
  findSecret(body: Uint8Array): number {
    let found = -1;
    const digests =
      this.#hmacs?.map((hmac) => hmac.digest("base64")) ??
      this.#keys.hmac.map((key) => key.digest(this.#signedPrefix, body));
    for (const [index, digest] of digests.entries()) {
      expected.write(digest, "v1,".length, "latin1");
      for (const entry of this.#v1) {
        // A character beyond ASCII takes more than one byte: then the entry does not fit in.
        const isWhole = utf8.encodeInto(entry, candidate).read === entry.length;
        // No early exit: the duration must not reveal which entry came close.
        const isMatch = timingSafeEqual(candidate, expected) && isWhole;
        if (isMatch && found === -1) found = index;
      }
    }
    return found;
  }

  /** Returns whether any `v1a` entry was made with any of the public keys. */
  matchesPublicKey(body: Uint8Array): boolean {
    const signed = this.#signedBytes(body);
    return this.#v1aChecks().some(([key, signature]) => verifyEd25519(null, signed, key, signature));
  }

  /** Like {@link matchesPublicKey}, off the event loop: each check hashes the whole body, and strangers choose its size. */
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
