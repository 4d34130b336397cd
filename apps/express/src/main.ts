import { createReceiver } from "@ahasend-webhooks/express";
import { runApp, serve } from "@ahasend-webhooks/mail-desk";

import { createApp } from "./app.js";
import { createHandlers } from "./handlers.js";

await runApp(async ({ secret, port, desk, store, logOutcome }) => {
  const receiver = createReceiver({
    secret,
    on: createHandlers(desk),
    store,
    onOutcome: logOutcome,
  });
  return serve(createApp(receiver, desk), { port, receiver });
});
