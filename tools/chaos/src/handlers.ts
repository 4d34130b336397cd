import { setTimeout as sleep } from "node:timers/promises";

import { type Handlers, PermanentError } from "@ahasend-webhooks/core";

import { readContent } from "./content.js";
import { readClock } from "./effects.js";
import type { Engine, Extras } from "./engines/engine.js";
import type { Setup } from "./setup.js";

/** Creates the handler of the test receiver: slow, and as unreliable as the event says. */
export function createHandlers(
  { handlerMs, steady }: Setup,
  { write }: Pick<Engine, "write">,
): Handlers<Extras> {
  return {
    "*": async (event, { deliveryId, attempt, client }) => {
      const startedAt = readClock();
      const { fate, key } = readContent(event);
      await sleep(handlerMs * (steady ? 1 : Math.random()));
      if (fate === "poison") throw new PermanentError("This event is poison.");
      if (fate === "flaky" && attempt === 1) throw new Error("This event fails in its first attempt.");
      await write({ deliveryId, key, startedAt, endedAt: readClock() }, client);
    },
  };
}
