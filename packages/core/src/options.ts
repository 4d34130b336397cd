import type { EventValidator } from "./events/event-issue.js";
import type { Handlers } from "./handling/handler.js";
import type { SecretFormat } from "./signature/keys.js";
import type { OutcomeListener } from "./outcome.js";
import type { WebhookRequest } from "./request.js";
import type { Inbox } from "./stores/inbox.js";
import type { IdempotencyStore, Store, TransactionalStore } from "./stores/store.js";

/** A string or several. */
export type OneOrMore = string | readonly string[];

/**
 * The keys that verify signatures: the secret, the public key of a sender that signs with Ed25519, or both.
 *
 * Up to 8 of each, so that a new one can be added before the old one is retired. `context.keyIndex` says which secret
 * has signed a delivery: when the old one no longer does, remove it.
 */
export type VerificationKeys<Secret> =
  | {
      /**
       * The secret as the AhaSend dashboard shows it, at least 16 characters.
       * @default the environment variable `AHASEND_WEBHOOK_SECRET`, unless there is a `publicKey`
       */
      secret?: Secret;
      /**
       * `raw`: the key is the UTF-8 bytes of the secret, as AhaSend does it. `base64`: for other Standard Webhooks
       * senders, whose secrets are base64 after `whsec_`.
       * @default "raw"
       */
      secretFormat?: SecretFormat | undefined;
      /** Also accepts `v1a` signatures made with this Ed25519 key: `whpk_…`. */
      publicKey?: OneOrMore | undefined;
    }
  | { publicKey: OneOrMore; secret?: undefined; secretFormat?: undefined };

/** The secret of one tenant, and the endpoint under which its deliveries are remembered. */
export interface TenantSecret {
  secret: OneOrMore;
  /** Replaces the option `endpoint`: without it one tenant could use up the delivery ids of another. */
  endpoint: string;
}

/** The result of a secret look-up; `null` or `undefined` for a sender that is not known. */
export type SecretLookUpResult = OneOrMore | TenantSecret | null | undefined;

/**
 * A secret, several (rotation), or a look-up by request, for example by tenant. The look-up runs before anything is
 * verified, so it must be quick: cache what it finds. It has 3 seconds, and at most 100 run at a time.
 */
export type SecretSource =
  | OneOrMore
  | ((request: WebhookRequest) => SecretLookUpResult | PromiseLike<SecretLookUpResult>);

/** Options for the age of a delivery. */
export interface ClockOptions {
  /** Refuse an attempt that was signed more than this many seconds ago, or ahead. @default 300 */
  toleranceSeconds?: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/** Options for reading requests. */
export interface IntakeOptions extends ClockOptions {
  /**
   * Refuse larger bodies with 413. AhaSend has no limit: an e-mail of 20 MiB can be larger than this as JSON, and is lost
   * after 12 refused attempts. @default 30_000_000
   */
  maxBodyBytes?: number;
  /** Refuse a body that has not arrived after this many seconds, or of which nothing arrives for 1. @default 5 */
  bodyTimeoutSeconds?: number;
  /**
   * The memory that all bodies in flight may take together. What has arrived counts, bodies over 64 KB twice, because
   * JSON.parse needs their string as well. When it is full, the upload that makes the least progress is refused with
   * 503. @default 256_000_000, or 2.5 times `maxBodyBytes`
   */
  maxInFlightBytes?: number;
}

/** Options of verification alone. */
export type VerifierOptions = VerificationKeys<SecretSource> & IntakeOptions;

/** A store, or `false` for none. */
export type StoreOption = Store | false | undefined;

/** The type of `store` where nothing says which it is: one that adds nothing to the context of handlers. */
export type DefaultStore = IdempotencyStore | false;

/** The additions of a store to the context of handlers: none if the store is chosen at run time. */
export type ContextExtras<ChosenStore extends StoreOption> =
  ChosenStore extends TransactionalStore<infer Extras extends object>
    ? Extras
    : ChosenStore extends Inbox<infer Extras extends object>
      ? Extras
      : object;

/**
 * Options of {@link createReceiver} beside the keys.
 *
 * @typeParam ChosenStore the type of the store, inferred from `store`: handlers can use what it adds to the context
 */
export interface HandlingOptions<ChosenStore extends StoreOption = DefaultStore> extends IntakeOptions {
  on: Handlers<NoInfer<ContextExtras<ChosenStore>>>;
  /**
   * Remembers which deliveries are done; an inbox keeps them, and handlers run later. `false` runs handlers for every copy.
   * @default new MemoryStore()
   */
  store?: ChosenStore;
  /** `false` only accepts deliveries into the inbox: workers in other processes handle them. @default true */
  work?: boolean;
  /** Keeps the deliveries of several endpoints apart in one store. @default "default" */
  endpoint?: string;
  /** Reply 503 if the handler has not finished after this many seconds. AhaSend gives up after 5. @default 4.5 */
  deadlineSeconds?: number;
  /** A duplicate waits this many seconds for the delivery that is being handled; then 409. @default 3 */
  inFlightWaitSeconds?: number;
  /** If the store fails, `reject` replies 503, and `process` handles the delivery without dedupe. @default "reject" */
  onStoreError?: "reject" | "process";
  /**
   * Called with every authentic event before its handler; what it returns is reported to `onOutcome` as `issues`. It never
   * changes the reply, not even by throwing. For example `validateEvent` of `@ahasend-webhooks/mail`. @default none
   */
  validate?: EventValidator | undefined;
  /**
   * Called with every outcome; may throw or reject without harm.
   * @default logOutcomes(console): one entry a minute per code, with causes
   */
  onOutcome?: OutcomeListener;
}

/** Options of {@link createReceiver}. */
export type ReceiverOptions<ChosenStore extends StoreOption = DefaultStore> = VerificationKeys<SecretSource> &
  HandlingOptions<ChosenStore>;
