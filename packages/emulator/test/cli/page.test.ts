import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import type { DeliveryRow } from "../../src/dev/view.js";
import { serveEmulator } from "../dev/serve-emulator.js";
import { watch } from "../dev/watch.js";
import { closedPort, noting, receiving } from "../helpers.js";
import { listening, post } from "./listening.js";
import { run } from "./program.js";

const otherSecret = "aha-whsec-0000000000000000000000000000000000";

describe("the page of a running emulator", () => {
  it("shows what send, scenario and check have sent, with their origin and the reason of a refusal", async () => {
    const { url } = await receiving();
    const { emulator, ask, url: page } = await serveEmulator();
    const { state } = await watch(page);
    const common = ["--to", url, "--page", page];
    const refused = await run([
      "send",
      "message.opened",
      ...common,
      "--secret",
      otherSecret,
      "--speed",
      "Infinity",
    ]);
    expect(refused).toMatchObject({ status: 1, stderr: "" });
    for (const args of [
      ["scenario", "bounced"],
      ["check", "--only", "forged/no-version"],
    ])
      expect(await run([...args, ...common])).toMatchObject({ status: 0, stderr: "" });
    const countEnded = () => [...state().deliveries.values()].filter((row) => row.state !== "pending").length;
    await expect.poll(countEnded, { timeout: 20_000 }).toBe(6);
    const rows = [...state().deliveries.values()];
    const list = (origin: string) => rows.filter(({ report }) => report?.origin === origin);
    expect(list("send")).toMatchObject([
      { type: "message.opened", state: "failed", attempts: 6, status: 401, report: { url } },
    ]);
    expect(list("scenario").map(({ type }) => type)).toEqual([
      "message.reception",
      "message.bounced",
      "suppression.created",
    ]);
    expect(list("check").map(({ status }) => status)).toEqual([204, 401]);

    const read = async ({ key }: DeliveryRow, rest: string) =>
      ask("GET", `deliveries/${encodeURIComponent(key)}${rest}`);
    const [sent] = list("send");
    expect((await read(sent!, "/attempts/6/explanation")).body).toEqual({
      explanation: {
        code: "invalid_signature",
        verifies: true,
        causes: [expect.stringContaining("The receiver has another secret")],
      },
    });
    expect((await read(sent!, "/body")).body).toMatchObject({ type: "message.opened" });
    // They are not the emulator's own: it does not retry them, and forgets them with the others.
    expect(emulator.deliveries.list()).toEqual([]);
    await ask("DELETE", "deliveries");
    await expect.poll(() => state().deliveries.size).toBe(0);
  });

  it("shows what listen receives, with the reason of a refusal", async () => {
    const { url: page, ask } = await serveEmulator();
    const { state } = await watch(page);
    const { url, requests } = await listening(["--page", page]);
    const body = Buffer.from([0xff, 0xfe, 0x00]);
    await post(url, { headers: { "webhook-id": "msg_1" }, body });
    await requests(1);
    await expect.poll(() => state().deliveries.size, { timeout: 20_000 }).toBe(1);
    const [row] = [...state().deliveries.values()];
    expect(row).toMatchObject({ id: "msg_1", type: "", status: 400, report: { origin: "listen", url } });
    const path = `deliveries/${encodeURIComponent(row!.key)}/attempts/1`;
    expect((await ask("GET", `${path}/explanation`)).body).toMatchObject({
      explanation: { code: "missing_header", causes: [expect.stringContaining("webhook-timestamp")] },
    });
    const sent = await fetch(new URL(`/api/${path}/body`, page));
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(body);
  });

  it("is required to answer before anything is sent", async () => {
    const { url, arrived } = await noting();
    const page = await closedPort();
    const { status, stderr } = await run(["send", "message.opened", "--to", url, "--page", page]);
    expect([status, arrived]).toEqual([2, []]);
    expect(stderr).toMatch(
      /^error: The page at http.* does not answer \(.*\): start dev, or leave out --page\.\n$/,
    );
  });

  it.each([
    ["another origin", { origin: "curl", deliveries: [] }],
    ["no list", { origin: "send", deliveries: {} }],
    ["a delivery without attempts", { origin: "send", deliveries: [{ key: "a" }] }],
    ["an event instead of a delivery", { origin: "send", deliveries: [createEvent("message.opened")] }],
  ])("refuses a report with %s", async (_what, report) => {
    const { ask } = await serveEmulator();
    expect(await ask("POST", "reports", report)).toMatchObject({ status: 400 });
  });
});
