/** A worker of the test receiver, as its own process. */
import { createWorker } from "@ahasend-webhooks/core";

import { openInbox } from "./engines/open-engine.js";
import { createHandlers } from "./handlers.js";
import { log, readSetup } from "./setup.js";

const setup = readSetup(process.env);
const engine = await openInbox(setup);
const worker = createWorker({
  store: engine.store,
  on: createHandlers(setup, engine),
  onOutcome: () => undefined,
});
process.once("SIGTERM", () => void worker.close().then(() => engine.close()));
log({ msg: "working" });
