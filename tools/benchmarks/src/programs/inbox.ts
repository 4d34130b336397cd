// Runs node:http with a receiver on an inbox: inbox.js sqlite ./inbox.db accept|work [milliseconds that a handler takes]
import { setTimeout as sleep } from "node:timers/promises";

import { createReceiver } from "@ahasend-webhooks/core";
import { nodeHandler } from "@ahasend-webhooks/core/node";

import { answerMessages, sendToParent } from "../child.js";
import { type MeasuredInbox, inboxNames, inboxes } from "../inboxes.js";
import { listen } from "../servers/listen.js";
import { receiverOptions } from "../servers/variant.js";

/** The state of the program. */
export interface InboxUsage {
  cpuMicros: number;
  /** Deliveries that its handler has handled. */
  handled: number;
}

const [, , name = "", location = "", task = "", handlerMs = "0"] = process.argv;

const measured = Object.entries<MeasuredInbox>(inboxes).find(([other]) => other === name)?.[1];
if (measured === undefined) throw new Error(`Unknown inbox ${name}: use ${inboxNames.join(", ")}.`);
const { inbox } = await measured.open(location);
let handled = 0;
const receiver = createReceiver({
  ...receiverOptions,
  on: {
    "*": async () => {
      if (Number(handlerMs) > 0) await sleep(Number(handlerMs));
      handled += 1;
    },
  },
  store: inbox,
  work: task === "work",
});
sendToParent({ port: await listen(nodeHandler(receiver)) });

answerMessages((): InboxUsage => {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, handled };
});
