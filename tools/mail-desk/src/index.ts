export { readAppConfig, readWorkerConfig } from "./config.js";
export { Desk } from "./desk.js";
export type { DeskContext, RecordedEntry, StorageContext } from "./entries.js";
export { findChoice } from "./find-choice.js";
export { toNestLogger } from "./log.js";
export type { Pages } from "./pages.js";
export { runApp } from "./run-app.js";
export { runWorker } from "./run-worker.js";
export { serve } from "./serve.js";
