// A worker in a process of its own. Its handler never ends: the test kills it.
import { createWorker } from "@ahasend-webhooks/core";
import { pgBossInbox } from "@ahasend-webhooks/inbox-pg-boss";
import { PgBoss } from "pg-boss";

const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, supervise: false, schedule: false });
boss.on("error", (error) => process.stderr.write(`${error.stack}\n`));
await boss.start();
const log = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

createWorker({
  store: pgBossInbox(boss, { queue: process.env.QUEUE, maxAttempts: 2 }),
  on: {
    "*": (_event, { attempt }) => {
      log({ msg: "started", attempt });
      return new Promise(() => undefined);
    },
  },
});
