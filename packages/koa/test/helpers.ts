import { serve } from "@ahasend-webhooks/harness/adapter-tests";
import Koa3 from "koa";
import Koa2 from "koa2";

/** The versions of Koa that the adapter supports. */
export const versions = [
  { version: 3, Koa: Koa3 },
  { version: 2, Koa: Koa2 },
] as const;

/** Serves an app on a free port until the test ends. Returns the URL of the webhook. */
export async function listen(app: Koa3): Promise<string> {
  const handle = app.callback();
  return serve((request, response) => void handle(request, response));
}
