export { type Config, readConfig } from "./config.js";
export type { Context, Desk } from "./desk.js";
export { storeMail } from "./inbox.js";
export { createLogger, logOutcome } from "./log.js";
export { renderPage } from "./page.js";
export { type Storage, openStorage } from "./storage.js";
