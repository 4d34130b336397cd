export { describeError, summarizeError } from "./describe-error.js";
export { WebhookError, isWebhookError } from "./errors.js";
export type { WebhookErrorCode, WebhookErrorOptions } from "./errors.js";
export { eventTypes, isKnownEvent, isMessageEvent } from "./events/event.js";
export type { AhaSendEvent, AhaSendEventOf, AhaSendEventType, UnknownEvent } from "./events/event.js";
export type { EventIssue, EventValidator } from "./events/event-issue.js";
export type { DomainDnsErrorData, DomainDnsErrorEvent } from "./events/domain.js";
export type { Envelope } from "./events/envelope.js";
export type {
  ClickData,
  DeliveryAttempt,
  MessageBouncedEvent,
  MessageClickedEvent,
  MessageData,
  MessageDeliveredEvent,
  AhaSendMessageEvent,
  MessageFailedEvent,
  MessageOpenedEvent,
  MessageReceptionEvent,
  MessageSuppressedEvent,
  MessageTransientErrorEvent,
} from "./events/message.js";
export type { MessageRoutingEvent, RoutingAttachment, RoutingData } from "./events/route.js";
export type { SuppressionCreatedEvent, SuppressionData } from "./events/suppression.js";
export type { Handler, Handlers, WebhookContext } from "./handling/handler.js";
export type { DeliveryContext, VerifiedDelivery } from "./intake/verified-delivery.js";
export type { SecretFormat } from "./signature/keys.js";
export type {
  ClockOptions,
  ContextExtras,
  SecretLookUpResult,
  HandlingOptions,
  IntakeOptions,
  ReceiverOptions,
  SecretSource,
  StoreOption,
  TenantSecret,
  VerificationKeys,
  VerifierOptions,
} from "./options.js";
export { PermanentError } from "./inbox/permanent-error.js";
export { createWorker } from "./inbox/worker.js";
export type { Worker, WorkerOptions } from "./inbox/worker.js";
export type { Concurrency, InboxOptions } from "./inbox/inbox-options.js";
export { logOutcomes } from "./log-outcomes.js";
export type { LogOutcomesOptions, OutcomeLog } from "./log-outcomes.js";
export type {
  AcknowledgedOutcome,
  FailedOutcome,
  OutcomeListener,
  Outcome,
  RefusedOutcome,
  OutcomeDetails,
} from "./outcome.js";
export { assertKnownOptions, receiverOptionNames } from "./assert-options.js";
export { findClosest } from "./find-closest.js";
export { toQuietWarning } from "./call-quietly.js";
export type { WarningListener } from "./call-quietly.js";
export { createReceiver } from "./receiver.js";
export type { CloseOptions, Receiver } from "./receiver.js";
export type { HeadersLike, WebhookRequest } from "./request.js";
export { refuse } from "./respond.js";
export type { RefuseOptions, Reply } from "./respond.js";
export { sign } from "./signature/signature.js";
export type { SignOptions } from "./signature/signature.js";
export { MemoryStore } from "./stores/memory.js";
export type { MemoryStoreOptions } from "./stores/memory.js";
export type {
  DeadLetter,
  DeadLetters,
  Inbox,
  InboxAdmin,
  InboxAttempt,
  InboxStats,
  InboxVerdict,
  InboxWork,
  RunDelivery,
  StoredDelivery,
} from "./stores/inbox.js";
export type {
  Claim,
  IdempotencyStore,
  ReceiptStore,
  Store,
  TransactionResult,
  TransactionalStore,
} from "./stores/store.js";
export { createVerifier, verify } from "./verify.js";
export type { Verifier, VerifyOptions } from "./verify.js";
