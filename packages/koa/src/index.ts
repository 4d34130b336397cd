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
export { verifyAhaSendWebhook } from "./verify.js";
export type { VerifiedState } from "./verify.js";
export { ahaSendWebhooks } from "./webhooks.js";
export type { MountOptions } from "./webhooks.js";
