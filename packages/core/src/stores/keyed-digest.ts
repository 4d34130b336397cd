/** A digest of 128 bits, as four signed 32-bit integers. */
export interface Digest {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

const ROUNDS = 12;
const BLOCK_BYTES = 16;

// Filled and digested without an `await` in between, so all digests share them. Words are in the order of the machine: a
// digest never leaves its process.
let message = new Uint8Array(0);
let words = new Int32Array(0);

/** Makes room for a message of any length up to this one, and its padding. */
function allocate(length: number): void {
  message = new Uint8Array(BLOCK_BYTES * 2 ** Math.ceil(Math.log2(length / BLOCK_BYTES + 1)));
  words = new Int32Array(message.buffer);
}

/**
 * The MAC Chaskey-12 (ISO/IEC 29192-6) of strings, under a random key: the sender cannot choose ids whose digests collide.
 * In plain JavaScript it takes less than half the time of a call to OpenSSL, and it needs no platform but `crypto`.
 *
 * Characters up to U+00FF are one byte each. Strings with others are digested under another key.
 */
export class KeyedDigest {
  readonly #key: Digest;
  /** The keys of the last block: whole, and padded. */
  readonly #wholeKey: Digest;
  readonly #paddedKey: Digest;
  #wide: KeyedDigest | undefined;

  /** @param key four 32-bit integers, for tests */
  constructor(key: Iterable<number> = crypto.getRandomValues(new Int32Array(4))) {
    const [a = 0, b = 0, c = 0, d = 0] = key;
    this.#key = { a, b, c, d };
    this.#wholeKey = double(this.#key);
    this.#paddedKey = double(this.#wholeKey);
  }

  /** Returns the digest of a string. */
  compute(text: string): Digest {
    const { length } = text;
    if (length >= message.length) allocate(length);
    let allBits = 0;
    for (let at = 0; at < length; at += 1) {
      const unit = text.charCodeAt(at);
      allBits |= unit;
      message[at] = unit;
    }
    if (allBits > 0xff) return (this.#wide ??= new KeyedDigest()).compute(toBytes(text));

    const isPadded = length === 0 || length % BLOCK_BYTES !== 0;
    const end = isPadded ? length - (length % BLOCK_BYTES) + BLOCK_BYTES : length;
    if (isPadded) message.fill(0, length, end)[length] = 1;
    const last = isPadded ? this.#paddedKey : this.#wholeKey;
    let { a, b, c, d } = this.#key;
    for (let word = 0; word < end / 4; word += 4) {
      a ^= words[word] ?? 0;
      b ^= words[word + 1] ?? 0;
      c ^= words[word + 2] ?? 0;
      d ^= words[word + 3] ?? 0;
      if (word + 4 === end / 4) {
        a ^= last.a;
        b ^= last.b;
        c ^= last.c;
        d ^= last.d;
      }
      for (let round = 0; round < ROUNDS; round += 1) {
        a = (a + b) | 0;
        b = ((b << 5) | (b >>> 27)) ^ a;
        a = (a << 16) | (a >>> 16);
        c = (c + d) | 0;
        d = ((d << 8) | (d >>> 24)) ^ c;
        a = (a + d) | 0;
        d = ((d << 13) | (d >>> 19)) ^ a;
        c = (c + b) | 0;
        b = ((b << 7) | (b >>> 25)) ^ c;
        c = (c << 16) | (c >>> 16);
      }
    }
    return { a: a ^ last.a, b: b ^ last.b, c: c ^ last.c, d: d ^ last.d };
  }
}

/** Multiplies by x in the field of 2^128 elements. */
function double({ a, b, c, d }: Digest): Digest {
  return {
    a: (a << 1) ^ (d < 0 ? 0x87 : 0),
    b: (b << 1) | (a >>> 31),
    c: (c << 1) | (b >>> 31),
    d: (d << 1) | (c >>> 31),
  };
}

/** Returns two characters up to U+00FF for each UTF-16 code unit. */
function toBytes(text: string): string {
  let bytes = "";
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    bytes += String.fromCharCode(unit & 0xff, unit >>> 8);
  }
  return bytes;
}
