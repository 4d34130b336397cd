import { createReceiver } from "@ahasend-webhooks/koa";
import { runApp, serve } from "@ahasend-webhooks/mail-desk";

import { createApp } from "./app.js";
import { createHandlers } from "./handlers.js";

await runApp(async ({ secret, port, desk, pages, store, work, onOutcome }) => {
  const receiver = createReceiver({
    secret,
    on: createHandlers(desk),
    store,
    work,
    onOutcome,
  });
  return serve(createApp(receiver, pages), { port, receiver });
});
