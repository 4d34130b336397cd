import { type BodyLimits, Collector, alreadyParsed } from "./collector.js";
import { WebhookError } from "./errors.js";

/**
 * Reads a body to its end, or refuses it on the way. Every chunk goes to `onChunk` as it arrives; the whole is kept
 * once.
 *
 * @throws {WebhookError} `body_already_parsed`, `body_too_large`, `body_timeout`, `overloaded` (by `hold`),
 * `invalid_payload` when the sender goes away half-way
 */
export function readBody(
  body: unknown,
  onChunk: (chunk: Uint8Array) => void,
  limits: BodyLimits & { timeoutSeconds: number },
): Uint8Array | Promise<Uint8Array> {
  const collected = new Collector(onChunk, limits);
  if (typeof body === "string" || body instanceof Uint8Array || body instanceof ArrayBuffer) {
    collected.add(body);
    return collected.bytes();
  }
  if (isNodeStream(body)) return fromNodeStream(body, collected, limits.timeoutSeconds);
  const source = pullable(body);
  if (source === undefined) throw alreadyParsed("The body was parsed before it could be verified");
  return fromPullable(source, collected, limits.timeoutSeconds);
}

/** Keeps a Node stream that fails while nobody reads it from taking the process down. */
export function expectErrors(body: unknown): void {
  if (isNodeStream(body)) body.on("error", () => undefined);
}

/** The part of a Node `Readable` that is used here. */
interface NodeStream {
  readonly readableDidRead?: boolean;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  pause(): unknown;
}

function fromNodeStream(
  stream: NodeStream,
  collected: Collector,
  timeoutSeconds: number,
): Promise<Uint8Array> {
  if (stream.readableDidRead ?? stream.readableEnded) {
    throw alreadyParsed("The body stream was read before it could be verified");
  }
  if (stream.destroyed === true) throw aborted();
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      stream.off("data", onData);
      stream.off("end", onEnd);
      stream.off("close", onAbort);
      if (error === undefined) return resolve(collected.bytes());
      stream.pause();
      reject(error);
    };
    const onData = (chunk: unknown) => {
      try {
        // Not waiting for "end" saves a turn of the event loop.
        if (collected.add(chunk)) settle();
      } catch (error) {
        settle(error);
      }
    };
    const onEnd = () => settle();
    const onAbort = () => settle(aborted());
    const timer = setTimeout(() => settle(timedOut(timeoutSeconds)), timeoutSeconds * 1000);
    timer.unref?.();
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("close", onAbort);
    // It stays: an error that comes when nobody reads any more must not take the process down.
    stream.on("error", onAbort);
  });
}

/** What a web stream and an async iterable have in common. */
interface Pullable {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  cancel(): unknown;
}

function fromPullable(source: Pullable, collected: Collector, timeoutSeconds: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const state = { stopped: false };
    const stop = (error: unknown) => {
      state.stopped = true;
      clearTimeout(timer);
      reject(error);
      // Not awaited: a source that hangs would hang us too.
      Promise.resolve()
        .then(() => source.cancel())
        .catch(() => undefined);
    };
    const timer = setTimeout(() => stop(timedOut(timeoutSeconds)), timeoutSeconds * 1000);
    timer.unref?.();
    // A race of each chunk against one deadline would keep every chunk alive until the end.
    const pull = async () => {
      while (!state.stopped) {
        const { done, value } = await source.next().catch(() => Promise.reject(aborted()));
        if (done === true) {
          clearTimeout(timer);
          return resolve(collected.bytes());
        }
        if (!state.stopped) collected.add(value);
      }
    };
    pull().catch(stop);
  });
}

function pullable(body: unknown): Pullable | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("getReader" in body && typeof body.getReader === "function") {
    const stream = body as { locked?: boolean; getReader(): { read: Pullable["next"]; cancel(): unknown } };
    if (stream.locked === true) throw alreadyParsed("The body stream was read before it could be verified");
    const reader = stream.getReader();
    return { next: () => reader.read(), cancel: () => reader.cancel() };
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

function timedOut(timeoutSeconds: number): WebhookError {
  return new WebhookError(
    "body_timeout",
    `The body did not arrive within ${timeoutSeconds} s: check the proxy in front, or raise bodyTimeoutSeconds.`,
  );
}

function aborted(): WebhookError {
  return new WebhookError(
    "body_aborted",
    "The sender went away before the whole body had arrived: nothing was handled, and AhaSend will try again.",
  );
}
