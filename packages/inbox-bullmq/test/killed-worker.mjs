// A worker in a process of its own. Its handler never ends: the test kills it.
import { createWorker } from "@ahasend-webhooks/core";
import { bullmqInbox } from "@ahasend-webhooks/inbox-bullmq";
import { Queue } from "bullmq";

const queue = new Queue(process.env.QUEUE, { connection: { port: Number(process.env.PORT) } });
const log = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

createWorker({
  store: bullmqInbox(queue, { lockSeconds: 0.5, stalledCheckSeconds: 0.1, maxAttempts: 2 }),
  on: {
    "*": (_event, { attempt }) => {
      log({ msg: "started", attempt });
      return new Promise(() => undefined);
    },
  },
});
