export { AcceptDeadline } from "./accept-deadline.js";
export { AcceptQueue, toDeliveryKey } from "./accept-queue.js";
export type { AcceptQueueSettings, WriteBatch } from "./accept-queue.js";
export { ConcurrencyGauge } from "./concurrency.js";
export type { TypeFilter } from "./concurrency.js";
export { isInbox } from "../stores/inbox.js";
export { inboxOptionNames, resolveInboxOptions } from "./inbox-options.js";
export type { Concurrency, InboxOptions, InboxSettings } from "./inbox-options.js";
export { fromKeptDelivery, isKeptDelivery, toKeptDelivery } from "./kept-delivery.js";
export type { KeptDelivery } from "./kept-delivery.js";
export { PolledWork } from "./polled-work.js";
export type { BoundRun, PolledTable, TakenDelivery } from "./polled-work.js";
export {
  toDeadLetterIds,
  toDeadLetterLimit,
  toOptionMs,
  toQueueConcurrency,
  untilSuccess,
} from "./queue-options.js";
export { settlesWithin } from "./settles-within.js";
export { withTimeout } from "../with-timeout.js";
