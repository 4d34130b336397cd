import {
  type TestServer,
  createDatabase,
  hasPostgres,
  hasRedis,
  required,
  startPostgres,
  startRedis,
} from "@ahasend-webhooks/harness";
import { appPrograms } from "@ahasend-webhooks/harness/apps";
import { createEvent } from "@ahasend-webhooks/testing";
import { afterAll, beforeAll, describe, it } from "vitest";

import { createDataDir, startApp } from "./start-app.js";

const storages = [
  {
    storage: "PostgreSQL",
    available: hasPostgres(),
    startServer: startPostgres,
    createSettings: async (server: TestServer, name: string) => ({
      DATABASE_URL: await createDatabase(server, name),
    }),
  },
  {
    storage: "Redis",
    available: hasRedis(),
    startServer: startRedis,
    // Redis has numbered databases.
    createSettings: (server: TestServer, name: string) => ({
      REDIS_URL: `${server.url}/${appPrograms.findIndex((one) => one.name === name)}`,
    }),
  },
];

describe.each(storages)("on $storage", ({ storage, available, startServer, createSettings }) => {
  describe.skipIf(!required(storage, available))("with a real server", () => {
    let server: TestServer;
    beforeAll(async () => void (server = await startServer()));
    afterAll(() => server.stop());

    it.concurrent.for(appPrograms)(
      "the app on $name shares its desk and its receipts with other processes, running and later ones",
      { timeout: 120_000 },
      async (app, { expect, onTestFinished }) => {
        const settings = {
          DATA_DIR: await createDataDir(onTestFinished),
          ...(await createSettings(server, app.name)),
        };
        const start = () => startApp(app, settings, onTestFinished);
        const one = await start();
        const other = await start();
        expect([one.storage, other.storage]).toEqual([storage, storage]);

        const bounce = createEvent("message.bounced", { data: { recipient: "gone@customer.example" } });
        const { id } = await one.deliver(bounce);
        await other.deliver(bounce, id);
        await other.program.line(({ msg }) => msg === "duplicate");
        const hostile = createEvent("message.routing", {
          data: { subject: "NUL \0, half a character \ud800" },
        });
        expect((await one.deliver(hostile)).status).toBe(204);
        const opened = createEvent("message.opened", { data: { is_bot: false } });
        expect((await other.deliver(opened)).status).toBe(204);
        expect((await other.deliver(createEvent("message.delivered"))).status).toBe(204);

        const page = await one.page();
        for (const shown of [
          "gone@customer.example",
          "NUL ",
          "human</td><td>1",
          "message.delivered</td><td>1",
        ])
          expect(page).toContain(shown);
        expect(await other.page()).toBe(page);

        for (const { program } of [one, other]) program.signal("SIGTERM");
        for (const { program } of [one, other]) expect(await program.ended()).toBe(0);
        const third = await start();
        expect(await third.page()).toBe(page);
        await third.deliver(bounce, id);
        await third.program.line(({ msg }) => msg === "duplicate");
      },
    );
  });
});
