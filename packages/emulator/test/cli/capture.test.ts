import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { createEvent, createMessageId, loadDeliveries, signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it } from "vitest";

import { noting, receiving, secret } from "../helpers.js";
import { event, listening, post } from "./listening.js";
import { files } from "./program.js";

/** Starts `capture` to a new folder. */
async function capturing(args: readonly string[] = [], options: { diskIsFull?: boolean } = {}) {
  const output = join(dirname(files({ file: "" }).file), "new", "deliveries");
  const started = await listening(["--output", output, ...args], undefined, {
    command: "capture",
    ...options,
  });
  const stop = async () => {
    started.program.signal("SIGINT");
    return started.program.ended();
  };
  return { ...started, output, stop };
}

const readMode = (path: string) => statSync(path).mode & 0o777;

describe("ahasend-webhooks capture", () => {
  it("writes the exact bytes of each delivery that verifies, once, to files that only their owner can read", async () => {
    const { url, output, program, requests, stop } = await capturing();
    const delivery = signDelivery({ secret, event, id: "msg_1" });
    // As Go may write it, and JSON.stringify does not.
    const exact = signDelivery({
      secret,
      event: '{ "type":"message.opened",\r\n"data":{"n":1.0,"n":"\\u0041\\/"}}\n',
    });
    await post(url, delivery);
    await post(url, signDelivery({ secret, event, id: "msg_1" }));
    await post(url, signDelivery({ secret: `${secret}x`, event }));
    await post(url, exact);
    expect((await requests(4)).map(({ recorded, note }) => [recorded, note])).toEqual([
      [true, "captured as 0001-message.bounced.http"],
      [false, "not captured: it was captured before"],
      [false, "not captured: it does not verify"],
      [true, "captured as 0002-message.opened.http"],
    ]);
    const folder = readdirSync(output);
    expect(folder).toEqual(["0001-message.bounced.http", "0002-message.opened.http"]);
    expect([output, ...folder.map((name) => join(output, name))].map(readMode)).toEqual([
      0o700, 0o600, 0o600,
    ]);
    const headers = Object.entries(delivery.headers).map(([name, value]) => `${name}: ${value}`);
    expect(readFileSync(join(output, folder[0]!), "utf8")).toBe(
      [
        "POST / HTTP/1.1",
        ...headers,
        `content-length: ${Buffer.byteLength(delivery.body)}`,
        "",
        delivery.body,
      ].join("\n"),
    );
    expect(loadDeliveries(output, { secret }).map(({ body }) => body)).toEqual([delivery.body, exact.body]);
    expect(program.data[0]).toMatchObject({ notes: [expect.stringContaining("contain personal data")] });
    expect(await stop()).toBe(0);
  });

  it("writes deliveries of the same e-mail that another app can handle, without what was personal, with --anonymize", async () => {
    const { url, output, requests, stop } = await capturing(["--anonymize"]);
    const message_id_header = createMessageId("acme.example");
    for (const type of ["message.reception", "message.bounced"] as const) {
      await post(url, signDelivery({ secret, event: createEvent(type, { data: { message_id_header } }) }));
    }
    await post(url, signDelivery({ secret, event: createEvent("message.routing") }));
    await requests(3);
    expect(await stop()).toBe(0);
    const app = await receiving();
    const deliveries = loadDeliveries(output, { secret });
    for (const delivery of deliveries) expect((await post(app.url, delivery)).status).toBe(204);
    const [sent, bounced] = app.handled.map((each) => (each.event as unknown as typeof event).data);
    expect(sent!.recipient).toBe("person-2@domain-2.example");
    expect(bounced).toMatchObject({
      recipient: sent!.recipient,
      message_id_header: sent!.message_id_header,
    });
    const content = readdirSync(output).map((name) => readFileSync(join(output, name), "utf8"));
    expect(content.join("\n")).not.toMatch(/ada|acme|customer\.|invoice/i);
    expect(deliveries.map(({ headers }) => headers["webhook-id"])).toEqual([
      expect.stringMatching(/-7000-8000-0{11}\d$/),
      expect.stringMatching(/-7000-8000-0{11}\d$/),
      expect.stringMatching(/-7000-8000-0{11}\w$/),
    ]);
  });

  it("forwards to the app, takes --anonymise, and removes a folder that stayed empty", async () => {
    const app = await noting(500);
    const { url, output, requests, stop } = await capturing(["--anonymise", "--forward-to", app.url]);
    expect((await post(url, { headers: {}, body: "{}" })).status).toBe(500);
    expect(await requests(1)).toMatchObject([{ recorded: false, forwarded: { status: 500 } }]);
    expect(app.arrived).toHaveLength(1);
    expect(await stop()).toBe(0);
    expect(existsSync(output)).toBe(false);
  });

  it.skipIf(process.platform === "win32")(
    "ends with one line when the disk is full, and leaves no partial file or acknowledgement",
    async () => {
      const { url, output, program } = await capturing([], { diskIsFull: true });
      const reply = await post(url, signDelivery({ secret, event })).catch(() => undefined);
      expect([reply, await program.ended()]).toEqual([undefined, 70]);
      expect(program.stderr).toMatch(
        /^error: .*0001-message\.bounced\.http cannot be written \(EFBIG\): free up space.*\n$/,
      );
      expect(existsSync(output)).toBe(false);
    },
  );
});
