import { WebhookError } from "./errors.js";

/** What a body may take: bytes and memory. */
export interface BodyLimits {
  /** Declared by `content-length`; reading ends when so many bytes have arrived. */
  contentLength: number | undefined;
  maxBodyBytes: number;
  /** Called before so many bytes are kept in all; throws when there is no room for them. */
  hold: (bytes: number) => void;
  /** Makes the refusal of a body that is over `maxBodyBytes`. */
  tooLarge: () => WebhookError;
}

/**
 * The bytes of a body that is already in memory.
 *
 * @throws {WebhookError} `body_already_parsed` for anything but bytes and text
 */
export function wholeBody(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (typeof body === "string") return Buffer.from(body, "utf8");
  throw alreadyParsed("The body is neither bytes nor text");
}

/** Shared, because making a typed array takes as long as hashing a small body does. */
const NOTHING = new Uint8Array(0);

/** Counts what arrives and keeps it in one piece of memory that grows with it. */
export class Collector {
  readonly #onChunk: (chunk: Uint8Array) => void;
  readonly #limits: BodyLimits;
  #memory: Uint8Array = NOTHING;
  #length = 0;

  constructor(onChunk: (chunk: Uint8Array) => void, limits: BodyLimits) {
    this.#onChunk = onChunk;
    this.#limits = limits;
  }

  /** @returns whether the declared length has arrived */
  add(chunk: unknown): boolean {
    const bytes = wholeBody(chunk);
    const length = this.#length + bytes.length;
    if (length > this.#limits.maxBodyBytes) throw this.#limits.tooLarge();
    this.#limits.hold(length);
    this.#keep(bytes, length);
    this.#onChunk(bytes);
    return length === this.#limits.contentLength;
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
   * Grows eightfold: few copies, and a stranger makes us set aside at most eight times what he has really sent.
   * The memory is not zeroed, so the system hands out its pages only as they fill.
   */
  #grow(needed: number): void {
    const { contentLength, maxBodyBytes } = this.#limits;
    // A declared length that was a lie is no guide any more.
    const most = contentLength !== undefined && needed <= contentLength ? contentLength : maxBodyBytes;
    const capacity = Math.min(most, Math.max(needed, 64 * 1024, this.#memory.length * 8));
    const memory = Buffer.allocUnsafeSlow(capacity);
    memory.set(this.bytes());
    this.#memory = memory;
  }
}

/** The refusal of a body whose untouched bytes are gone: our side's fault. */
export function alreadyParsed(what: string): WebhookError {
  return new WebhookError(
    "body_already_parsed",
    `${what}; only the untouched bytes verify. Mount the webhook route before body parsers such as express.json(), or exclude it from them.`,
  );
}
