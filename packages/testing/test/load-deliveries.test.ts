import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { createReceiver, verify } from "@ahasend-webhooks/core";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";

import { createEvent, formatDelivery, loadDeliveries, serialize, signDelivery } from "../src/index.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
const recordingSecret = "aha-whsec-that-of-the-real-endpoint-0123";
const body = serialize(createEvent("message.bounced"));
const recorded = signDelivery({ secret: recordingSecret, event: body, id: "msg_1", at: 0 });

/** Writes files to a new folder. @returns its path */
function folder(files: Record<string, string | Uint8Array>): string {
  const path = mkdtempSync(join(tmpdir(), "ahasend-webhooks-deliveries-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

it("signs each recorded delivery again, now, with its own id and body", async () => {
  const path = folder({ "0001-message.bounced.http": formatDelivery(recorded) });
  const [delivery, ...others] = loadDeliveries(path, { secret });
  expect(delivery).toMatchObject({
    name: "0001-message.bounced.http",
    type: "message.bounced",
    headers: { "webhook-id": "msg_1" },
    body,
  });
  expect(others).toEqual([]);
  const receiver = createReceiver({ secret, on: { "*": () => undefined } });
  expect((await receiver.receive(delivery!)).status).toBe(204);
  expect(() => verify(recorded, { secret })).toThrow("webhook-timestamp");
});

it("signs inbound mail with the secret of the route", () => {
  const mail = signDelivery({ secret: recordingSecret, event: createEvent("message.routing") });
  const path = folder({ "1.http": formatDelivery(mail), "2.http": formatDelivery(recorded) });
  const routeSecret = "aha-rsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
  const [inbound, bounced] = loadDeliveries(path, { secret, routeSecret });
  expect(verify(inbound!, { secret: routeSecret }).event.type).toBe("message.routing");
  expect(verify(bounced!, { secret }).event.type).toBe("message.bounced");
});

it("loads a folder in the order of its numbers, or one file, by path or URL", () => {
  const path = folder(
    Object.fromEntries(
      ["10000-a.http", "9999-b.http", "0002-c.http"].map((n) => [n, formatDelivery(recorded)]),
    ),
  );
  writeFileSync(join(path, "README.md"), "not a delivery");
  const names = (from: string | URL) => loadDeliveries(from, { secret }).map(({ name }) => name);
  expect(names(path)).toEqual(["0002-c.http", "9999-b.http", "10000-a.http"]);
  expect(names(pathToFileURL(join(path, "9999-b.http")))).toEqual(["9999-b.http"]);
});

it("keeps every byte of any body", () => {
  const path = folder({});
  // Not unit: "binary", which makes a table of all code points first.
  const points = fc.oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
  const bodies = fc.oneof(
    fc.string({ unit: points.map((point) => String.fromCodePoint(point)) }),
    fc.constantFrom("", "\n", "\r\n", "\n\n\n", "\ufeff{}", "a: b\n\nc", "{}\r\n\r\n"),
  );
  fc.assert(
    fc.property(bodies, (event) => {
      writeFileSync(join(path, "1.http"), formatDelivery(signDelivery({ secret, event })));
      expect(loadDeliveries(path, { secret })[0]!.body).toBe(event);
    }),
    { numRuns: 60, seed: 1 },
  );
});

it.each([
  ["an editor has added a final line break", (content: string) => `${content}\n`],
  ["Git has changed the line ends", (content: string) => `${content}\n`.replaceAll("\n", "\r\n")],
])("keeps the body if %s", (_what, change) => {
  const path = folder({ "1.http": change(formatDelivery(recorded)) });
  expect(loadDeliveries(path, { secret })[0]!.body).toBe(body);
});

it("signs a body that was edited by hand", () => {
  const edited = formatDelivery(recorded).replace("ada@customer.example", "someone.else@customer.example");
  const [delivery] = loadDeliveries(folder({ "1.http": edited }), { secret });
  expect(verify(delivery!, { secret }).event.data).toMatchObject({
    recipient: "someone.else@customer.example",
  });
});

it.each([
  ["a file without a delivery", "{}"],
  ["a file without a webhook-id", "POST / HTTP/1.1\ncontent-length: 2\n\n{}"],
  ["a file that is not UTF-8", Buffer.from([...Buffer.from("POST / HTTP/1.1\nwebhook-id: a\n\n"), 0xff])],
])("refuses %s, and names it", (_what, content) => {
  const path = folder({ "1.http": content });
  expect(() => loadDeliveries(path, { secret })).toThrow(
    /1\.http is not a recorded delivery: record it with/,
  );
});

it("refuses a folder without deliveries, which would make a test pass that tests nothing", () => {
  expect(() => loadDeliveries(folder({}), { secret })).toThrow(/has no \.http file: record deliveries with/);
});

it.each([
  ["a line break in a header", { "webhook-id": "a\nb: c" }],
  ["no webhook-id", { "Webhook-Id": "a" }],
])("formats no delivery with %s", (_what, headers) => {
  expect(() => formatDelivery({ headers, body: "{}" })).toThrow(TypeError);
});
