export {
  MemoryStore,
  createReceiver,
  isKnownEvent,
  isMessageEvent,
  isWebhookError,
  logOutcomes,
} from "@ahasend-webhooks/core";
export type {
  AhaSendEvent,
  AhaSendEventOf,
  AhaSendEventType,
  DeliveryContext,
  Handler,
  Handlers,
  IdempotencyStore,
  Outcome,
  Receiver,
  ReceiverOptions,
  Store,
  TransactionalStore,
  UnknownEvent,
  VerifiedDelivery,
  VerifierOptions,
  WebhookContext,
  WebhookErrorCode,
} from "@ahasend-webhooks/core";
export { type VerifiedState, verifyAhaSendWebhook } from "./verify.js";
export { type MountOptions, ahaSendWebhooks } from "./webhooks.js";
