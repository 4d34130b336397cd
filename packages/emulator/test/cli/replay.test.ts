import { readFileSync, statSync } from "node:fs";

import { signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { closedPort, noting, receiving, secret } from "../helpers.js";
import { event, listening, post } from "./listening.js";
import { files, run, runProcess } from "./program.js";

describe("ahasend-webhooks listen --record and replay", () => {
  /** Records a delivery, its duplicate, and bytes that are not UTF-8. */
  async function recording() {
    const { file } = files({ file: "" });
    const { program, url } = await listening(["--record", file]);
    const delivery = signDelivery({ secret, event, id: "msg_1" });
    const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a]);
    await post(`${url}a?b=c`, delivery);
    await post(url, delivery);
    await post(url, { headers: { "webhook-id": "msg_2" }, body: bytes });
    program.signal("SIGTERM");
    await program.ended();
    return { file, delivery, bytes };
  }

  it("records the exact bytes in a file that only its owner can read", async () => {
    const { file: path } = files({ file: "" });
    const record = `${path}.new`;
    const { url } = await listening(["--record", record]);
    const { headers, body } = signDelivery({ secret, event });
    await post(`${url}a?b=c`, { headers, body });
    const [line = "", ...rest] = readFileSync(record, "utf8").split("\n");
    const { headers: kept, ...recorded } = JSON.parse(line) as { headers: [string, string][] };
    expect(recorded).toEqual({
      receivedAt: expect.stringMatching(/Z$/) as string,
      method: "POST",
      url: "/a?b=c",
      body: Buffer.from(body).toString("base64"),
    });
    expect(Object.fromEntries(kept)).toMatchObject(headers);
    expect(rest).toEqual([""]);
    expect(statSync(record).mode & 0o777).toBe(0o600);
  });

  it("records 100 MB of unverified requests, reports those it omits, and keeps recording verified ones", async () => {
    const { file } = files({ file: "" });
    const { url, requests } = await listening(["--record", `${file}.new`]);
    const forged = { headers: { "webhook-id": "forged" }, body: Buffer.alloc(29_000_000) };
    for (let count = 0; count < 3; count += 1) await post(url, forged);
    await post(url, signDelivery({ secret, event, id: "msg_1" }));
    const printed = await requests(4);
    expect(printed.map(({ recorded }) => recorded)).toEqual([true, true, false, true]);
    expect(printed[2]).toMatchObject({
      note: "not recorded: unverified requests have reached the limit of 100 MB",
    });
    expect(statSync(`${file}.new`).size).toBeLessThan(100_000_000);
  });

  it.skipIf(process.platform !== "linux")("ends with one line when the disk is full", async () => {
    const { program, url } = await listening(["--record", "/dev/full"]);
    await post(url, signDelivery({ secret, event })).catch(() => undefined);
    expect([await program.ended(), program.stderr]).toEqual([
      70,
      "error: /dev/full cannot be written (ENOSPC): free up space, or write somewhere else.\n",
    ]);
  });

  it("replays the exact bytes", async () => {
    const { file, delivery, bytes } = await recording();
    const app = await noting();
    const { status, stdout } = await runProcess(["replay", file, "--to", app.url]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^message\.bounced msg_1 {2}204 No Content {2}\d+ ms$/m);
    expect(stdout).toMatch(/^3 of 3 acknowledged$/m);
    expect(app.arrived.map(({ body }) => body)).toEqual([
      Buffer.from(delivery.body),
      Buffer.from(delivery.body),
      bytes,
    ]);
    expect(app.arrived[0]!.headers).toMatchObject(delivery.headers);
  });

  it("signs again with --resign, and uses new ids with --new-ids", async () => {
    const old = signDelivery({ secret, event, id: "msg_1", at: Date.now() - 86_400_000 });
    const line = JSON.stringify({
      receivedAt: "2026-07-14T15:03:21Z",
      method: "POST",
      url: "/",
      headers: Object.entries(old.headers),
      body: Buffer.from(old.body).toString("base64"),
    });
    const { file } = files({ file: `${line}\n${line}\n` });
    const app = await receiving();
    const args = ["replay", file, "--to", app.url];
    const asItWas = await run(args);
    expect(asItWas.status).toBe(1);
    expect(asItWas.stdout).toContain("401 Unauthorized");
    expect((await run([...args, "--resign"])).status).toBe(0);
    const renewed = await run([...args, "--resign", "--new-ids", "--json"]);
    expect(renewed.status).toBe(0);
    expect(app.outcomes.map(({ code }) => code)).toEqual([
      "stale_timestamp",
      "stale_timestamp",
      "handled",
      "duplicate",
      "handled",
      "handled",
    ]);
    const [first, second] = renewed.data;
    expect(first).toEqual({
      kind: "replayed",
      deliveryId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
      type: "message.bounced",
      status: 204,
      reply: "",
      isCut: false,
      error: null,
      latencyMs: expect.any(Number) as number,
    });
    expect(new Set(["msg_1", first!["deliveryId"], second!["deliveryId"]]).size).toBe(3);
  });

  it("exits with 1 when the receiver refuses a request, or is not running", async () => {
    const { file } = await recording();
    const app = await noting(500);
    expect((await run(["replay", file, "--to", app.url])).status).toBe(1);
    const { status, stdout } = await run(["replay", file, "--to", await closedPort()]);
    expect(status).toBe(1);
    expect(stdout).toContain("ECONNREFUSED");
  });

  it.each([
    ["not a recording", '{"a":1}\n', "Line 1 of"],
    ["not JSON", "{\n", "Line 1 of"],
    ["empty", "", "is empty"],
  ])("rejects a file that is %s", async (_what, content, message) => {
    const { file } = files({ file: content });
    const { status, stderr } = await run(["replay", file, "--to", "http://localhost:1/"]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
