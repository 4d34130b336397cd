export { ConcurrencyGauge } from "./concurrency.js";
export type { TypeFilter } from "./concurrency.js";
export { isInbox } from "../stores/inbox.js";
export { resolveInboxOptions } from "./inbox-options.js";
export type { Concurrency, InboxOptions, InboxSettings } from "./inbox-options.js";
export { PolledWork } from "./polled-work.js";
export type { BoundRun, PolledTable, TakenDelivery } from "./polled-work.js";
