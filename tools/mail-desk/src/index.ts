export { readChoice } from "./config.js";
export { Desk } from "./desk.js";
export type { DeskContext, RecordedEntry, StorageContext } from "./entries.js";
export { toNestLogger } from "./log.js";
export { pageHeaders, renderPage } from "./page.js";
export { type AppParts, runApp } from "./run-app.js";
export { serve } from "./serve.js";
