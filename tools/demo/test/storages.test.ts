import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  type TestServer,
  createDatabase,
  createMysqlDatabase,
  hasMysql,
  hasPostgres,
  hasRedis,
  required,
  startMysql,
  startPostgres,
  startRedis,
} from "@ahasend-webhooks/harness";
import { appPrograms, findAppProgram } from "@ahasend-webhooks/harness/apps";
import { lifecycles } from "@ahasend-webhooks/emulator";
import { createEvent } from "@ahasend-webhooks/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { inboxes as allInboxes } from "../src/storage-settings.js";
import { playLifecycles } from "./play-lifecycles.js";
import { createDataDir, startApp, startWorker } from "./start-app.js";

const servers = [
  {
    storage: "PostgreSQL",
    available: hasPostgres(),
    startServer: startPostgres,
    createSettings: async (server: TestServer, index: number) => ({
      DATABASE_URL: await createDatabase(server, `desk_${index}`),
    }),
    apps: appPrograms,
    messages: 1000,
    // Each with another app.
    inboxes: [
      ["postgres", "nestjs"],
      ["pg-boss", "koa"],
    ] as [inbox: string, app: string][],
  },
  {
    storage: "MySQL",
    available: hasMysql(),
    startServer: startMysql,
    createSettings: async (server: TestServer, index: number) => ({
      MYSQL_URL: await createMysqlDatabase(server, `desk_${index}`),
    }),
    apps: [findAppProgram("express")],
    messages: lifecycles.length,
    inboxes: [] as [inbox: string, app: string][],
  },
  {
    storage: "Redis",
    available: hasRedis(),
    startServer: startRedis,
    // Redis has numbered databases.
    createSettings: async (server: TestServer, index: number) => ({ REDIS_URL: `${server.url}/${index}` }),
    apps: appPrograms,
    messages: lifecycles.length,
    inboxes: [["bullmq", "express"]] as [inbox: string, app: string][],
  },
];

const hostile = createEvent("message.routing", { data: { subject: "NUL \0, half a character \ud800" } });

it("knows the server of each inbox", () => {
  const onServers = servers.flatMap(({ inboxes }) => inboxes.map(([inbox]) => inbox));
  expect([...onServers, "sqlite"].toSorted()).toEqual(allInboxes.toSorted());
});

describe.each(servers)("on $storage", ({ storage, available, startServer, ...settings }) => {
  const { apps, messages, inboxes, createSettings } = settings;
  describe.skipIf(!required(storage, available))("with a real server", () => {
    let server: TestServer;
    beforeAll(async () => void (server = await startServer()));
    afterAll(() => server.stop());

    it.concurrent.for(apps)(
      "the app on $name shares its desk and its receipts with other processes, running and later ones",
      { timeout: 120_000 },
      async (app, { expect, onTestFinished }) => {
        const settings = {
          DATA_DIR: await createDataDir(onTestFinished),
          ...(await createSettings(server, appPrograms.indexOf(app))),
        };
        const start = () => startApp(app, settings, onTestFinished);
        const one = await start();
        const other = await start();
        expect([one.storage, other.storage]).toEqual([storage, storage]);

        const bounce = createEvent("message.bounced", { data: { recipient: "gone@customer.example" } });
        const { id } = await one.deliver(bounce);
        await other.deliver(bounce, id);
        await other.program.line(({ msg }) => msg === "duplicate");
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
        expect(page).not.toContain("Dead letters");
        expect(await other.page()).toBe(page);

        for (const { program } of [one, other]) program.signal("SIGTERM");
        for (const { program } of [one, other]) expect(await program.ended()).toBe(0);
        // A crash in the middle of a line must not lose the lines before and after it.
        await writeFile(join(settings.DATA_DIR, "journal.jsonl"), '{"kind":"oth', { flag: "a" });
        const third = await start();
        expect(await third.page()).toBe(page);
        await third.deliver(bounce, id);
        await third.program.line(({ msg }) => msg === "duplicate");
      },
    );

    it.concurrent(
      "the page shows for every message the state that its lifecycle ends in, whatever the order and number of its events",
      { timeout: 120_000 },
      async ({ expect, onTestFinished }) => {
        const app = findAppProgram("express");
        const settings = {
          DATA_DIR: await createDataDir(onTestFinished),
          ...(await createSettings(server, appPrograms.length + inboxes.length)),
        };
        const { url, page } = await startApp(app, settings, onTestFinished);
        const expected = await playLifecycles(url, messages);
        const [, table = ""] = /<h2>Messages<\/h2>(.*?)<\/table>/s.exec(await page()) ?? [];
        const rows = [...table.matchAll(/<td>(\w+)<\/td><td>(\d+)/g)];
        expect(Object.fromEntries(rows.map(([, state, count]) => [state, Number(count)]))).toEqual(expected);
      },
    );

    it.concurrent.for(inboxes)(
      "a web process with the inbox %s only accepts, workers handle, and people replay dead letters",
      { timeout: 120_000 },
      async ([inbox, name], { expect, onTestFinished }) => {
        const app = findAppProgram(name);
        const settings = {
          DATA_DIR: await createDataDir(onTestFinished),
          INBOX: inbox,
          ...(await createSettings(server, appPrograms.length + inboxes.findIndex(([one]) => one === inbox))),
        };
        const web = await startApp(app, { ...settings, WORK: "no" }, onTestFinished);
        const bounce = createEvent("message.bounced", { data: { recipient: "gone@customer.example" } });
        const { id } = await web.send(bounce);
        await web.send(bounce, id);
        await web.send(hostile);
        await web.send(createEvent("message.failed"));
        await web.program.line(({ type }) => type === "message.failed");
        expect(web.program.log.flatMap(({ msg, type }) => (type === undefined ? [] : [msg]))).toEqual([
          "accepted",
          "duplicate",
          "accepted",
          "accepted",
        ]);

        const failing = await startWorker(app, { ...settings, FAIL_TYPE: "message.failed" }, onTestFinished);
        await failing.line(({ msg }) => msg === "dead");
        await failing.line(({ msg, type }) => msg === "handled" && type === "message.routing");
        await failing.line(({ msg, type }) => msg === "handled" && type === "message.bounced");
        failing.signal("SIGTERM");
        expect(await failing.ended()).toBe(0);
        expect(failing.errors).toBe("");
        const page = await web.page();
        for (const shown of ["gone@customer.example", "NUL ", "PermanentError: FAIL_TYPE is message.failed"])
          expect(page).toContain(shown);

        await web.press("Replay all");
        const repaired = await startWorker(app, settings, onTestFinished);
        await repaired.line(({ msg, type }) => msg === "handled" && type === "message.failed");
        expect(await web.page()).toMatch(/message\.failed<\/td><td>1<[^]+Dead letters<\/h2>\n<p>Nothing yet/);
        for (const program of [web.program, repaired]) program.signal("SIGTERM");
        for (const program of [web.program, repaired]) expect(await program.ended()).toBe(0);
        expect(web.program.errors).toBe("");
      },
    );
  });
});
