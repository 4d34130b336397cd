export { bullmqInbox } from "./bullmq-inbox.js";
export type { BullmqInbox, BullmqInboxOptions } from "./bullmq-inbox.js";
export type { BullmqJob, BullmqNewJob, BullmqQueue } from "./bullmq-queue.js";
