import * as crypto from "node:crypto";
import { TextEncoder } from "node:util";

/** The block of SHA-256, to which a key is padded (RFC 2104). */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Beyond it the time goes into the hashing itself. */
const MAX_ONE_SHOT_BYTES = 16 * 1024;

// Filled and hashed without an `await` in between, so all deliveries share them.
const inner = new Uint8Array(BLOCK_BYTES + MAX_ONE_SHOT_BYTES);
const innerMessage = inner.subarray(BLOCK_BYTES);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
/** The inner pad of the key whose pads they start with. */
let padded: Uint8Array | undefined;

const utf8 = new TextEncoder();

/** A key of HMAC-SHA256, prepared for many messages. */
export class HmacKey {
  readonly #bytes: Uint8Array;
  readonly #innerPad = Buffer.alloc(BLOCK_BYTES, 0x36);
  readonly #outerPad = Buffer.alloc(BLOCK_BYTES, 0x5c);
  /** Other runtimes may lack `crypto.hash`, and FIPS mode requires the certified HMAC. */
  readonly #hash = crypto.getFips() === 0 ? crypto.hash : undefined;
  #keyObject: crypto.KeyObject | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const short = bytes.length > BLOCK_BYTES ? crypto.createHash("sha256").update(bytes).digest() : bytes;
    xor(this.#innerPad, short);
    xor(this.#outerPad, short);
  }

  /** Starts the HMAC of a string and the bytes that follow it. */
  begin(text: string): crypto.Hmac {
    this.#keyObject ??= crypto.createSecretKey(this.#bytes);
    return crypto.createHmac("sha256", this.#keyObject).update(text);
  }

  /**
   * Returns the HMAC of a string and a body, in base64.
   *
   * Small ones are computed as RFC 2104 defines it, from two hashes: creating an `Hmac` takes longer than the hashing.
   */
  digest(text: string, body: Uint8Array): string {
    const mostBytes = BLOCK_BYTES + text.length * 3 + body.length;
    if (this.#hash === undefined || mostBytes > inner.length) {
      return this.begin(text).update(body).digest("base64");
    }
    if (padded !== this.#innerPad) {
      inner.set(this.#innerPad);
      outer.set(this.#outerPad);
      padded = this.#innerPad;
    }
    const bodyAt = BLOCK_BYTES + utf8.encodeInto(text, innerMessage).written;
    inner.set(body, bodyAt);
    // As a string: a digest in a buffer takes three times as long.
    const innerDigest = this.#hash("sha256", new Uint8Array(inner.buffer, 0, bodyAt + body.length), "binary");
    outer.write(innerDigest, BLOCK_BYTES, "latin1");
    return this.#hash("sha256", outer, "base64");
  }
}

function xor(pad: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < key.length; index += 1) pad[index] = (pad[index] ?? 0) ^ (key[index] ?? 0);
}
