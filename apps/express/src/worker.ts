import { createWorker } from "@ahasend-webhooks/core";
import { runWorker } from "@ahasend-webhooks/mail-desk";

import { createHandlers } from "./handlers.js";

await runWorker(({ desk, store, onOutcome }) => createWorker({ on: createHandlers(desk), store, onOutcome }));
