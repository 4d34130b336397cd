import { isAnyArrayBuffer } from "node:util/types";

import type { BudgetAccount } from "./budget.js";
import { WebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";

/** Options of {@link Collector}. */
export interface CollectOptions {
  /** Called with every chunk as it arrives. */
  onChunk: (chunk: Uint8Array) => void;
  /** Declared by `content-length`; reading ends when as many bytes have arrived. */
  contentLength: number | undefined;
  maxBodyBytes: number;
  account: BudgetAccount;
  /** The advice in the log if the body was parsed before. */
  parsedBodyCure: string | undefined;
}

/** Returns the bytes of a body in memory; `undefined` for anything but bytes and strings. */
export function toBytes(body: unknown): Uint8Array | undefined {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body, "utf8");
  // Bytes of another realm count, too: test runners have one of their own.
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  return isAnyArrayBuffer(body) ? new Uint8Array(body) : undefined;
}

/** Shared, because creating a typed array takes as long as hashing a small body. */
const NOTHING = new Uint8Array(0);

/** Counts the chunks that arrive and keeps them in one growing piece of memory. */
export class Collector {
  readonly #options: CollectOptions;
  #memory: Uint8Array = NOTHING;
  #length = 0;

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  /**
   * @param onEvict called when the memory is needed for others; leave it out for a body in one piece
   * @returns whether the declared length has arrived
   * @throws {WebhookError} `body_already_parsed`, `body_too_large`, `overloaded`
   */
  add(chunk: unknown, onEvict?: (refusal: WebhookError) => void): boolean {
    const { maxBodyBytes, contentLength, account, onChunk, parsedBodyCure } = this.#options;
    const bytes = toBytes(chunk);
    if (bytes === undefined) {
      const message = REFUSALS.body_already_parsed.message.foreignChunks(parsedBodyCure);
      throw new WebhookError("body_already_parsed", message);
    }
    const length = this.#length + bytes.length;
    if (length > maxBodyBytes) {
      throw new WebhookError("body_too_large", REFUSALS.body_too_large.message.overLimit(maxBodyBytes));
    }
    const isWhole = length === contentLength;
    account.hold(length, isWhole ? undefined : onEvict);
    this.#keep(bytes, length);
    onChunk(bytes);
    return isWhole;
  }

  bytes(): Uint8Array {
    return this.#length === this.#memory.length ? this.#memory : this.#memory.subarray(0, this.#length);
  }

  #keep(bytes: Uint8Array, length: number): void {
    if (this.#length === 0) {
      // Most bodies are one chunk: no copy.
      this.#memory = bytes;
    } else {
      if (length > this.#memory.length) this.#grow(length);
      this.#memory.set(bytes, this.#length);
    }
    this.#length = length;
  }

  /**
   * Grows eightfold: few copies, and a stranger can make it allocate at most eight times what has arrived.
   * The memory is not zeroed, so the system hands out its pages only as they fill.
   */
  #grow(needed: number): void {
    const { contentLength, maxBodyBytes } = this.#options;
    // A declared length that was wrong is ignored.
    const most = contentLength !== undefined && needed <= contentLength ? contentLength : maxBodyBytes;
    const capacity = Math.min(most, Math.max(needed, 64 * 1024, this.#memory.length * 8));
    const memory = Buffer.allocUnsafeSlow(capacity);
    memory.set(this.bytes());
    this.#memory = memory;
  }
}
