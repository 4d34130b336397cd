import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import {
  type TestServer,
  hasPostgres,
  hasRedis,
  required,
  startPostgres,
  startRedis,
} from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type App, apps } from "../src/apps.js";
import { Program } from "@ahasend-webhooks/harness/program";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start({ path, env }: App, dataDir: string, storage: Record<string, string> = {}) {
  const program = Program.start(path, {
    ...env,
    ...storage,
    PORT: "0",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir,
  });
  onTestFinished(() => program.signal("SIGKILL"));
  const port = Number((await program.line(({ msg }) => msg === "listening"))["port"]);
  const url = `http://127.0.0.1:${port}`;
  const deliver = async (event: Parameters<typeof signDelivery>[0]["event"], id?: string) => {
    const { headers, body } = signDelivery({ secret, event, ...(id !== undefined && { id }) });
    const response = await fetch(`${url}/webhooks/ahasend`, { method: "POST", headers, body });
    return { status: response.status, id: headers["webhook-id"] };
  };
  return { program, port, url, deliver, page: async () => (await fetch(url)).text() };
}

describe.each(apps)("the app on $name", (app) => {
  it.each([
    ["without a secret", {}, "AHASEND_WEBHOOK_SECRET is not set: "],
    ["with an empty secret", { AHASEND_WEBHOOK_SECRET: "" }, "AHASEND_WEBHOOK_SECRET is not set: "],
    [
      "with half a secret",
      { AHASEND_WEBHOOK_SECRET: "aha-whsec-" },
      "secret is shorter than 16 characters: ",
    ],
    [
      "with a port that is none",
      { AHASEND_WEBHOOK_SECRET: secret, PORT: "http" },
      "PORT is not a port number: ",
    ],
    [
      "with a database that is not there",
      { AHASEND_WEBHOOK_SECRET: secret, DATABASE_URL: "postgres://127.0.0.1:1/none" },
      "DATABASE_URL: PostgreSQL cannot be used ",
    ],
    [
      "with a Redis that is not there",
      { AHASEND_WEBHOOK_SECRET: secret, REDIS_URL: "redis://127.0.0.1:1" },
      "REDIS_URL: Redis cannot be used ",
    ],
  ])("refuses to start %s, in one line", async (_how, env, message) => {
    const program = Program.start(app.path, {
      ...app.env,
      DATA_DIR: await dataFolder(),
      ...(env as Record<string, string>),
    });
    expect(await program.ended()).toBe(1);
    // Nest names the endpoint first.
    expect(program.errors).toMatch(new RegExp(`^(AhaSendWebhooksModule, endpoint .+?: )?${message}.+\n$`));
    expect(program.log.filter(({ level }) => level === 30)).toEqual([]);
  });

  it("logs one line per delivery, with neither address nor secret in it", async () => {
    const { program, deliver, url } = await start(app, await dataFolder());
    const { id } = await deliver(createEvent("message.bounced"));
    await deliver(createEvent("message.bounced"), id);
    await fetch(`${url}/webhooks/ahasend`, { method: "POST", body: "{}" });
    await program.line(({ msg }) => msg === "refused");
    const listening = program.log.findIndex(({ msg }) => msg === "listening");
    const lines = program.log.slice(listening + 1);
    expect(lines).toMatchObject([
      { msg: "handled", deliveryId: id, type: "message.bounced" },
      { msg: "duplicate", deliveryId: id, type: "message.bounced" },
      { msg: "refused", code: "missing_header", status: 400 },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/ada@|customer\.example|whsec/);
  });

  it("shows what it knows, escaped, and still knows it after a restart", async () => {
    const folder = await dataFolder();
    const first = await start(app, folder);
    const nasty = `"<script>alert(1)</script>"@evil.example`;
    await first.deliver(createEvent("message.bounced", { data: { recipient: nasty } }));
    await first.deliver(
      createEvent("suppression.created", { data: { recipient: "grace@customer.example" } }),
    );
    await first.deliver(createEvent("message.opened", { data: { is_bot: false } }));
    await first.deliver(createEvent("message.opened", { data: { is_bot: true } }));
    await first.deliver(createEvent("message.routing", { data: { subject: "<b>Hi</b>" } }));
    await first.deliver(createEvent("message.delivered"));
    const page = await first.page();
    for (const shown of [
      "grace@customer.example",
      "alert(1)",
      "human</td><td>1",
      "bot</td><td>1",
      "Hi",
      "message.delivered",
    ]) {
      expect(page).toContain(shown);
    }
    expect(page).not.toMatch(/<script|<b>/);

    first.program.signal("SIGTERM");
    expect(await first.program.ended()).toBe(0);
    // A crash in the middle of a line must not lose the lines before and after it.
    await writeFile(join(folder, "journal.jsonl"), '{"kind":"oth', { flag: "a" });
    const second = await start(app, folder);
    expect(await second.page()).toBe(page);
    await second.deliver(createEvent("message.failed"));
    second.program.signal("SIGKILL");
    await second.program.ended();
    expect(await (await start(app, folder)).page()).toContain("message.failed");
  });

  it("keeps inbound mail in the inbox folder, whatever its attachments are called", async () => {
    const folder = await dataFolder();
    const { deliver } = await start(app, folder);
    const files = [
      ["../../../etc/passwd", "root"],
      ["/etc/passwd", "root"],
      ["..", "dots"],
      ["", "empty"],
      ["a\u0000b.txt", "nul"],
      [`${"long".repeat(100)}.pdf`, "long"],
      ["rechnung für ümläute.pdf", "umlauts"],
    ] as const;
    const attachments = files.map(([filename, content]) => ({
      filename,
      content_type: "text/plain",
      data: Buffer.from(content).toString("base64"),
    }));
    const mail = createEvent("message.routing", { data: { id: "../escape", attachments } });
    expect((await deliver(mail)).status).toBe(204);
    // The same mail under another delivery id, as after a crash between the two writes.
    expect((await deliver(mail)).status).toBe(204);
    expect(await readdir(folder)).toEqual(["inbox", "journal.jsonl"]);
    const [mailFolder, ...others] = await readdir(join(folder, "inbox"));
    expect(others).toEqual([]);
    const stored = join(folder, "inbox", mailFolder!);
    const message = JSON.parse(await readFile(join(stored, "message.json"), "utf8")) as {
      attachments: string[];
      subject: string;
    };
    expect(message.subject).toBe(mail.data.subject);
    expect((await readdir(stored)).toSorted()).toEqual([...message.attachments, "message.json"].toSorted());
    const contents = await Promise.all(
      message.attachments.map((name) => readFile(join(stored, name), "utf8")),
    );
    expect(contents).toEqual(files.map(([, content]) => content));
  });

  it("finishes what is in flight on SIGTERM and ends well", async () => {
    const { program, port, deliver } = await start(app, await dataFolder());
    await deliver(createEvent("message.delivered"));
    const { headers, body } = signDelivery({ secret, event: createEvent("message.delivered") });
    const socket = connect(port, "127.0.0.1");
    const answer = text(socket);
    const head = Object.entries({
      host: "localhost",
      connection: "close",
      ...headers,
      "content-length": Buffer.byteLength(body),
    });
    const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.write(`POST /webhooks/ahasend HTTP/1.1\r\n${lines}\r\n${body.slice(0, 10)}`);
    await fetch(`http://127.0.0.1:${port}/healthz`);
    program.signal("SIGTERM");
    await program.line(({ msg }) => msg === "draining");
    socket.write(body.slice(10));
    expect(await answer).toMatch(/^HTTP\/1.1 204 /);
    expect(await program.ended()).toBe(0);
    expect(program.log.at(-1)).toMatchObject({ msg: "stopped" });
    expect(program.errors).toBe("");
  });

  it("answers its health check", async () => {
    const { url } = await start(app, await dataFolder());
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });
});

/** What a process is told, and what it must say and do; a page is the same on every process. */
describe.each([
  ["PostgreSQL", "DATABASE_URL", hasPostgres, startPostgres],
  ["Redis", "REDIS_URL", hasRedis, startRedis],
] as const)("on %s", (storage, variable, available, startServer) => {
  describe.skipIf(!required(storage, available())).each(apps)("the app on $name", (app) => {
    let server: TestServer;
    beforeAll(async () => void (server = await startServer()));
    afterAll(() => server.stop());

    it("says so, and shares what it knows with other processes, also with later ones", async () => {
      const folder = await dataFolder();
      const env = { [variable]: server.url };
      const processes = [await start(app, folder, env), await start(app, folder, env)];
      for (const { program } of processes)
        expect(await program.line(({ msg }) => msg === "listening")).toMatchObject({ storage });

      const [one, other] = processes as [(typeof processes)[0], (typeof processes)[0]];
      const bounce = createEvent("message.bounced", { data: { recipient: "gone@customer.example" } });
      const { id } = await one.deliver(bounce);
      await other.deliver(bounce, id);
      await other.program.line(({ msg }) => msg === "duplicate");
      const hostile = createEvent("message.routing", {
        data: { subject: "NUL \0, half a character \ud800" },
      });
      expect((await one.deliver(hostile)).status).toBe(204);
      expect((await other.deliver(createEvent("message.opened", { data: { is_bot: false } }))).status).toBe(
        204,
      );
      expect((await other.deliver(createEvent("message.delivered"))).status).toBe(204);

      const page = await one.page();
      for (const shown of ["gone@customer.example", "NUL ", "human</td><td>1", "message.delivered</td><td>1"])
        expect(page).toContain(shown);
      expect(await other.page()).toBe(page);

      for (const { program } of processes) program.signal("SIGTERM");
      for (const { program } of processes) expect(await program.ended()).toBe(0);
      const third = await start(app, folder, env);
      expect(await third.page()).toBe(page);
      await third.deliver(bounce, id);
      await third.program.line(({ msg }) => msg === "duplicate");
    });
  });
});
