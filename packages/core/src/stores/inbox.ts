import type { AhaSendEvent, UnknownEvent } from "../events/event.js";

/** A delivery as an inbox keeps it: the signed bytes, never the parsed event. */
export interface StoredDelivery {
  /** The endpoint that received it; with the id, it is the key by which duplicates are recognized. */
  readonly endpoint: string;
  /** The header `webhook-id`: 1 to 255 visible ASCII characters. */
  readonly deliveryId: string;
  /** The event type. */
  readonly type: string;
  /** When the accepted attempt was signed. */
  readonly sentAt: Date;
  /** The verified bytes. */
  readonly rawBody: Uint8Array;
  /** Deliveries with the same key are handled one at a time, in the order of their arrival. */
  readonly orderingKey?: string | undefined;
}

/** Facts about one attempt, from the engine. */
export interface InboxAttempt<Extras = unknown> {
  /** Counts the attempts, from 1. */
  readonly attempt: number;
  /** When this many attempts have failed, the delivery becomes a dead letter. */
  readonly maxAttempts: number;
  /** The handler fails when it has not finished after this many milliseconds. */
  readonly timeoutMs: number;
  /** Fires when the worker closes and does not wait for the handler any more, or when its transaction is lost. */
  readonly closing: AbortSignal;
  /** Added to the context of the handler, such as the client of a transaction. */
  readonly extras?: Extras;
}

/** The result of an attempt, before it is written down. */
export interface InboxVerdict {
  /** `failed` has to be retried, `dead` is a dead letter. */
  readonly state: "handled" | "failed" | "dead";
  /** The error that the handler threw, unless it was handled. */
  readonly error?: unknown;
  /** Reports the outcome. The engine calls it when the verdict is written, with the error of writing it if that failed. */
  report(storeError?: unknown): void;
  /** Returns the verdict if the attempt has failed after all: an engine could not commit what the handler wrote. */
  toFailed(error: unknown): InboxVerdict;
}

/** Runs the handler of a delivery. Never rejects. */
export type RunDelivery<Extras = unknown> = (
  delivery: StoredDelivery,
  attempt: InboxAttempt<Extras>,
) => Promise<InboxVerdict>;

/** Work in progress on an inbox. */
export interface InboxWork {
  /**
   * Takes no further deliveries and waits for the handlers that are running. After `timeoutSeconds` their signals fire; a
   * second later the deliveries of those that still run are left to the next worker. A second call with a shorter time
   * hurries the first.
   */
  close(options: { timeoutSeconds: number }): Promise<void>;
}

/** The state of an inbox now. */
export interface InboxStats {
  /** Deliveries that wait for their first attempt or for a retry. */
  waiting: number;
  /** Deliveries that are being handled. */
  active: number;
  deadLetters: number;
  /** The age of the oldest delivery that is waiting or active, in seconds; `undefined` if there is none. */
  oldestSeconds: number | undefined;
}

/** A delivery whose attempts have all failed. */
export interface DeadLetter {
  /** The id in the inbox, for `inspect`, `replay` and `discard`. */
  id: string;
  endpoint: string;
  deliveryId: string;
  type: string;
  attempts: number;
  /** The error of the last attempt, with its stack. It may quote personal data: do not log it. */
  error: string;
  receivedAt: Date;
}

/** The deliveries whose attempts have all failed. They are kept until they are replayed or discarded. */
export interface DeadLetters {
  /** Returns the oldest dead letters. @default limit: 100 */
  list(options?: { limit?: number }): Promise<DeadLetter[]>;
  /** Returns a dead letter with its bytes, `undefined` if there is none with this id. */
  inspect(id: string): Promise<(DeadLetter & { rawBody: Uint8Array }) | undefined>;
  /** Starts again with the first attempt, for ids or `"all"`. @returns the number of deliveries */
  replay(ids: string | readonly string[]): Promise<number>;
  /** Deletes the bytes, for ids or `"all"`; duplicates are still recognized. @returns the number of deliveries */
  discard(ids: string | readonly string[]): Promise<number>;
}

/**
 * Keeps deliveries durably, so that they are acknowledged at once and handled later, with retries of its own. It takes the
 * place of an `IdempotencyStore`.
 *
 * @typeParam Extras what the inbox adds to the handler's context, such as the client of its transaction
 */
export interface Inbox<Extras = unknown> {
  /** A handled delivery is remembered for this many seconds; at least 13 hours. */
  readonly retentionSeconds: number;
  /** The largest body that the engine can keep, if there is a limit. */
  readonly maxBodyBytes?: number | undefined;
  /** Returns the key within which deliveries are handled in order. */
  readonly orderingKey?: ((event: AhaSendEvent | UnknownEvent) => string | undefined) | undefined;
  /** Keeps a delivery that it does not know yet. It resolves when the delivery would survive a crash. */
  accept(delivery: StoredDelivery): Promise<"accepted" | "duplicate">;
  /** Starts to hand out deliveries, those kept by other processes included. @throws {TypeError} if it already does */
  work(run: RunDelivery<Extras>): InboxWork;
  stats(): Promise<InboxStats>;
  readonly deadLetters: DeadLetters;
  /** Closes what the inbox itself has opened. Calling it again is harmless. */
  close(): Promise<void> | void;
}

/** The part of an inbox with which people operate it. It never starts to work. */
export type InboxAdmin = Pick<Inbox, "stats" | "deadLetters">;

/** Returns whether a store hands deliveries over to workers. */
export function isInbox<Extras>(store: object): store is Inbox<Extras> {
  const { accept, work } = store as Partial<Inbox>;
  return typeof accept === "function" && typeof work === "function";
}
