export {
  MemoryStore,
  PermanentError,
  isKnownEvent,
  isMessageEvent,
  isWebhookError,
} from "@ahasend-webhooks/core";
export type {
  AhaSendEvent,
  AhaSendEventOf,
  AhaSendEventType,
  DeliveryContext,
  IdempotencyStore,
  Inbox,
  Outcome,
  Store,
  TransactionalStore,
  UnknownEvent,
  VerifiedDelivery,
  WebhookContext,
  WebhookErrorCode,
} from "@ahasend-webhooks/core";
export { AhaSendWebhookGuard } from "./guard.js";
export { AhaSendWebhooksModule } from "./module.js";
export { OnAhaSendEvent } from "./on-event.js";
export type { EventKey, EventOfKey, OnAhaSendEventOptions } from "./on-event.js";
export type { AhaSendWebhooksOptions, EndpointOptions } from "./options.js";
export { getAhaSendWebhooksToken } from "./service-token.js";
export { AhaSendWebhooksService } from "./service.js";
export { AhaSendWebhooksWorkerModule } from "./worker/worker-module.js";
export type { WorkerEndpointOptions } from "./worker/worker-module.js";
export { AhaSendWebhooksWorker } from "./worker/worker.js";
export type { AhaSendWebhooksWorkerOptions } from "./worker/worker.js";
export { VerifiedContext, VerifiedEvent } from "./verified-params.js";
