import { type CollectOptions, Collector, toBytes } from "./collector.js";
import { WebhookError, isWebhookError } from "../errors.js";
import { REFUSALS } from "../refusals.js";
import { UploadTimer } from "./upload-timer.js";

/** Options of {@link IncomingBody.read}. */
export interface ReadOptions extends CollectOptions {
  timeoutSeconds: number;
}

/** The part of a Node `Readable` that is used here. */
interface NodeStream {
  readonly readableDidRead?: boolean;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  pause(): unknown;
  resume?(): unknown;
}

/** The common part of a web stream and an async iterable. */
interface Pullable {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  cancel(): unknown;
}

/**
 * The body of a request. It owns the errors of its stream, which must not end the process even if the body is never
 * read.
 */
export class IncomingBody {
  readonly #body: unknown;
  readonly #stream: NodeStream | undefined;

  constructor(body: unknown) {
    this.#body = body;
    if (!isNodeStream(body)) return;
    this.#stream = body;
    // Never removed: errors may come after reading. A shared function, because a closure would keep the body alive.
    body.on("error", ignoreError);
  }

  /**
   * Reads the body to its end, or refuses it on the way. The bytes are kept once.
   *
   * @throws {WebhookError} `body_already_parsed`, `body_too_large`, `body_timeout`, `body_aborted`, `overloaded`
   */
  read(options: ReadOptions): Uint8Array | Promise<Uint8Array> {
    const collected = new Collector(options);
    const bytes = toBytes(this.#body);
    if (bytes !== undefined) {
      collected.add(bytes);
      return collected.bytes();
    }
    if (this.#stream !== undefined) return readStream(this.#stream, collected, options);
    const source = toPullable(this.#body, options.parsedBodyCure);
    if (source === undefined) throw alreadyParsed("parsed", options.parsedBodyCure);
    return readPullable(source, collected, options);
  }
}

function ignoreError(): void {}

function readStream(stream: NodeStream, collected: Collector, options: ReadOptions): Promise<Uint8Array> {
  if (stream.readableDidRead ?? stream.readableEnded) throw alreadyParsed("read", options.parsedBodyCure);
  if (stream.destroyed === true) throw uploadFailed(stream.errored);
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      timer.stop();
      options.account.endUpload();
      if (error === undefined) resolve(collected.bytes());
      else reject(error);
      try {
        stream.off("data", onData);
        stream.off("end", onEnd);
        stream.off("close", onClose);
        if (error !== undefined) stream.pause();
      } catch {
        // An object that only imitates a stream must not end the process.
      }
    };
    const onData = (chunk: unknown) => {
      timer.noteProgress();
      try {
        // Not waiting for "end" saves a turn of the event loop.
        if (collected.add(chunk, settle)) settle();
      } catch (error) {
        settle(error);
      }
    };
    const onEnd = () => settle();
    // It follows every error, which is kept in `errored`.
    const onClose = () => settle(uploadFailed(stream.errored));
    const timer = new UploadTimer(options.timeoutSeconds, settle);
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("close", onClose);
    // Middleware may have paused it.
    stream.resume?.();
  });
}

function readPullable(source: Pullable, collected: Collector, options: ReadOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let stopped = false;
    const end = () => {
      stopped = true;
      timer.stop();
      options.account.endUpload();
    };
    const stop = (error: unknown) => {
      end();
      reject(error);
      // Not awaited: a source that hangs would hang us too.
      Promise.resolve()
        .then(() => source.cancel())
        .catch(() => undefined);
    };
    const timer = new UploadTimer(options.timeoutSeconds, stop);
    const isStopped = () => stopped;
    // A race of each chunk against one deadline would keep every chunk alive until the end.
    const pull = async () => {
      while (!isStopped()) {
        const { done, value } = await source.next().catch((error: unknown) => {
          throw uploadFailed(error);
        });
        if (isStopped()) return;
        timer.noteProgress();
        if (done === true) {
          end();
          return resolve(collected.bytes());
        }
        collected.add(value, stop);
      }
    };
    pull().catch(stop);
  });
}

function toPullable(body: unknown, parsedBodyCure: string | undefined): Pullable | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("getReader" in body && typeof body.getReader === "function") {
    const stream = body as { locked?: boolean; getReader(): { read: Pullable["next"]; cancel(): unknown } };
    if (stream.locked === true) throw alreadyParsed("read", parsedBodyCure);
    const reader = stream.getReader();
    return { next: async () => reader.read(), cancel: () => reader.cancel() };
  }
  if (Symbol.asyncIterator in body) {
    const iterator = (body as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    return { next: async () => iterator.next(), cancel: () => iterator.return?.() };
  }
  return undefined;
}

function isNodeStream(body: unknown): body is NodeStream {
  if (typeof body !== "object" || body === null) return false;
  const { on, pause } = body as Record<string, unknown>;
  return typeof on === "function" && typeof pause === "function";
}

function alreadyParsed(reason: "parsed" | "read", parsedBodyCure: string | undefined): WebhookError {
  return new WebhookError(
    "body_already_parsed",
    REFUSALS.body_already_parsed.message[reason](parsedBodyCure),
  );
}

/** Creates the refusal of a body whose stream failed. A server in front with a limit of its own sets a status. */
function uploadFailed(cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  if (isTooLarge(cause)) {
    return new WebhookError("body_too_large", REFUSALS.body_too_large.message.refusedInFront, { cause });
  }
  return new WebhookError(
    "body_aborted",
    REFUSALS.body_aborted.message.brokeOff,
    cause == null ? {} : { cause },
  );
}

function isTooLarge(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  return status === 413 || statusCode === 413;
}
