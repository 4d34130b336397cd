import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { type AppProgram, appPrograms } from "@ahasend-webhooks/harness/apps";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { beforeAll, describe, expect, it } from "vitest";

import { type RunningApp, createDataDir, secret, startApp } from "./start-app.js";

interface AppUnderTest {
  app: RunningApp;
  dataDir: string;
  /** Starts a new process with the data of the last one, and with handlers that do not fail. */
  restart: () => Promise<RunningApp>;
}

/** Its handlers fail in the first process of each app. */
const FAIL_TYPE = "message.suppressed";

const underTest = new Map<string, AppUnderTest>();

// A start costs more than all tests of an app: each app starts once here, and again only where a test is about restarts.
beforeAll(async () => {
  const cleanUps: (() => void | Promise<void>)[] = [];
  const start = async (program: AppProgram): Promise<void> => {
    const dataDir = await createDataDir((cleanUp) => cleanUps.unshift(cleanUp));
    const startWith = async (settings: Record<string, string>): Promise<RunningApp> => {
      const app = await startApp(program, { DATA_DIR: dataDir, ...settings }, (cleanUp) =>
        cleanUps.unshift(cleanUp),
      );
      underTest.set(program.name, { app, dataDir, restart: () => startWith({}) });
      return app;
    };
    await startWith({ FAIL_TYPE });
  };
  await Promise.all(appPrograms.map(start));
  return async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  };
}, 90_000);

describe.each(appPrograms)("the app on $name", ({ name }) => {
  it("answers its health check", async () => {
    const { app } = underTest.get(name)!;
    const response = await fetch(`${app.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  it("logs one line per outcome, without addresses and secrets", async () => {
    const { program, deliver, url } = underTest.get(name)!.app;
    const linesBefore = program.log.length;
    const { id } = await deliver(createEvent("message.bounced"));
    await deliver(createEvent("message.bounced"), id);
    await fetch(`${url}/webhooks/ahasend`, { method: "POST", body: "{}" });
    await program.line(({ msg }) => msg === "refused");
    const lines = program.log.slice(linesBefore);
    expect(lines).toMatchObject([
      { msg: "accepted", deliveryId: id, type: "message.bounced" },
      { msg: "handled", deliveryId: id, type: "message.bounced" },
      { msg: "duplicate", deliveryId: id, type: "message.bounced" },
      { msg: "refused", code: "missing_header", status: 400 },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/ada@|customer\.example|whsec/);
  });

  it("stores inbound mail in the inbox folder, under safe names for any attachment", async () => {
    const { app, dataDir } = underTest.get(name)!;
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
    expect((await app.deliver(mail)).status).toBe(204);
    // The same mail under another delivery id, as after a crash between the two writes.
    expect((await app.deliver(mail)).status).toBe(204);
    const names = await readdir(dataDir);
    expect(names.filter((one) => !one.startsWith("desk.db"))).toEqual(["inbox"]);
    const [mailFolder, ...others] = await readdir(join(dataDir, "inbox"));
    expect(others).toEqual([]);
    const stored = join(dataDir, "inbox", mailFolder!);
    const message = JSON.parse(await readFile(join(stored, "message.json"), "utf8")) as {
      attachments: string[];
      subject: string;
    };
    expect(message.subject).toBe(mail.data.subject);
    expect((await readdir(stored)).toSorted()).toEqual([...message.attachments, "message.json"].toSorted());
    const contents = await Promise.all(
      message.attachments.map((attachment) => readFile(join(stored, attachment), "utf8")),
    );
    expect(contents).toEqual(files.map(([, content]) => content));
  });

  it("shows the desk on its page, escaped", async () => {
    const { deliver, page } = underTest.get(name)!.app;
    const nasty = `"<script>alert(1)</script>"@evil.example`;
    await deliver(createEvent("message.bounced", { data: { recipient: nasty } }));
    await deliver(createEvent("suppression.created", { data: { recipient: "grace@customer.example" } }));
    await deliver(createEvent("message.opened", { data: { is_bot: false } }));
    await deliver(createEvent("message.opened", { data: { is_bot: true } }));
    await deliver(createEvent("message.routing", { data: { subject: "<b>Hi</b>" } }));
    await deliver(createEvent("message.delivered"));
    const html = await page();
    for (const shown of [
      "grace@customer.example",
      "alert(1)",
      "human</td><td>1",
      "bot</td><td>1",
      "Hi",
      "message.delivered",
    ]) {
      expect(html).toContain(shown);
    }
    expect(html).not.toMatch(/<script|<b>/);
  });

  it("shows an inbound mail with its attachments and pictures, and lets nothing in it run", async () => {
    const { deliver, page, url } = underTest.get(name)!.app;
    const data = Buffer.from("<script>alert(1)</script>").toString("base64");
    const attachments = [
      { filename: "evil.html", content_type: "text/html", data },
      { filename: "logo.png", content_type: "image/png", content_id: "logo@x 1", data },
    ];
    const html_body = '<script>alert(1)</script><img src="cid:logo%40x+1">';
    await deliver(
      createEvent("message.routing", { data: { subject: "with a picture", html_body, attachments } }),
    );
    const [, link = ""] = /with a picture<\/td><td>2<\/td><td><a href="([^"]+)"/.exec(await page()) ?? [];
    const mailUrl = new URL(link, url);
    const shown = await (await fetch(mailUrl)).text();
    expect(shown).toContain('<iframe sandbox src="body"');
    expect(shown).toContain('<a href="files/1-evil.html">1-evil.html</a>');
    expect(shown).not.toMatch(/<script|logo\.png/);

    const body = await fetch(new URL("body", mailUrl));
    expect(body.headers.get("content-security-policy")).toMatch(
      /^sandbox; default-src 'none'; img-src 'self'/,
    );
    expect(await body.text()).toContain('<img src="files/2-logo.png">');
    const headersOf = async (file: string) => {
      const { status, headers } = await fetch(new URL(file, mailUrl));
      return [
        status,
        headers.get("content-type"),
        headers.get("content-disposition"),
        headers.get("x-content-type-options"),
      ];
    };
    expect(await headersOf("files/2-logo.png")).toEqual([200, "image/png", "inline", "nosniff"]);
    expect(await headersOf("files/1-evil.html")).toEqual([
      200,
      "application/octet-stream",
      "attachment",
      "nosniff",
    ]);
    for (const missing of [
      "files/message.json",
      "files/..%2Fmessage.json",
      "files/%25",
      "../body",
      "../0/body",
    ])
      expect((await headersOf(missing))[0]).toBe(404);
  });

  it("shows what could not be handled, with buttons that only its own page can press", async () => {
    const { app } = underTest.get(name)!;
    const { id: discarded } = await app.deliver(createEvent(FAIL_TYPE));
    const { id: kept } = await app.deliver(createEvent(FAIL_TYPE));
    const row = (id: string) =>
      new RegExp(`<td>${id}</td><td>${FAIL_TYPE}</td><td>PermanentError: FAIL_TYPE is [^<]+</td><td>1</td>`);
    const before = await app.page();
    for (const id of [discarded, kept]) expect(before).toMatch(row(id));

    const foreign = [
      {},
      { "sec-fetch-site": "same-site" },
      { origin: "http://evil.example" },
      { origin: "null" },
    ];
    for (const headers of foreign) expect((await app.press("Discard", headers)).status).toBe(403);
    expect(await app.page()).toBe(before);

    const { status, headers } = await app.press("Discard", { origin: app.url });
    expect([status, headers.get("location")]).toEqual([303, "/"]);
    const after = await app.page();
    expect(after).not.toMatch(row(discarded));
    expect(after).toMatch(row(kept));
  });
});

describe("restarts", () => {
  it.concurrent.for(appPrograms)(
    "the app on $name shows the same desk after a restart, and after a crash",
    { timeout: 90_000 },
    async ({ name }, { expect }) => {
      const { app: first, restart } = underTest.get(name)!;
      const page = await first.page();
      first.program.signal("SIGTERM");
      expect(await first.program.ended()).toBe(0);
      const second = await restart();
      expect(await second.page()).toBe(page);
      await second.press("Replay all");
      await second.program.line(({ msg, type }) => msg === "handled" && type === FAIL_TYPE);
      expect(await second.page()).toContain(`${FAIL_TYPE}</td><td>1`);
      await second.deliver(createEvent("message.failed"));
      second.program.signal("SIGKILL");
      await second.program.ended();
      expect(await (await restart()).page()).toContain("message.failed");
    },
  );
});

describe("SIGTERM", () => {
  it.concurrent.for(appPrograms)(
    "makes the app on $name finish the deliveries in flight and end cleanly",
    async ({ name }, { expect }) => {
      const { program, port, deliver } = underTest.get(name)!.app;
      await deliver(createEvent("message.delivered"));
      const { headers, body } = signDelivery({ secret, event: createEvent("message.delivered") });
      const socket = connect(port, "127.0.0.1");
      const response = text(socket);
      const head = Object.entries({
        host: "localhost",
        connection: "close",
        ...headers,
        "content-length": Buffer.byteLength(body),
      });
      const lines = head.map(([header, value]) => `${header}: ${value}\r\n`).join("");
      await once(socket, "connect");
      socket.write(`POST /webhooks/ahasend HTTP/1.1\r\n${lines}\r\n${body.slice(0, 10)}`);
      // The app has read what was sent before when it replies to a second request that came after it.
      for (let turn = 0; turn < 2; turn += 1) await fetch(`http://127.0.0.1:${port}/healthz`);
      program.signal("SIGTERM");
      await program.line(({ msg }) => msg === "draining");
      socket.write(body.slice(10));
      expect(await response).toMatch(/^HTTP\/1.1 204 /);
      expect(await program.ended()).toBe(0);
      expect(program.log.at(-1)).toMatchObject({ msg: "stopped" });
      expect(program.errors).toBe("");
    },
  );
});
