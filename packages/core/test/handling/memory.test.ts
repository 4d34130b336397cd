import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { beforeAll, expect, it } from "vitest";

import { createVerifier } from "../../src/index.js";
import { delivery, now, secret } from "../helpers.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const MB = 1_000_000;
const CHUNK = Buffer.from("QUJD".repeat(16_384));

/** The bytes that are held in buffers when everything nobody needs has been freed. */
async function heldBytes(): Promise<number> {
  // What one collection finds is counted until the next one has begun, and some of it hangs on the current turn.
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    await turn();
  }
  return process.memoryUsage().arrayBuffers;
}

/** The same before anything is received: what preparing the test took must be gone. */
async function heldAtRest(): Promise<number> {
  await expect.poll(heldBytes, { timeout: 20_000 }).toBeLessThan(5 * MB);
  return heldBytes();
}

/** An inbound e-mail of almost 30 MB that is made while it is sent: the test itself keeps none of it. */
const head = '{"type":"message.routing","timestamp":"","data":{"attachments":[{"filename":"a","data":"';
const tail = '"}]}}';
const repeats = Math.floor((30 * MB - head.length - tail.length) / CHUNK.length);
const length = head.length + repeats * CHUNK.length + tail.length;

async function* inbound(onChunk: (sent: number) => Promise<void>) {
  yield Buffer.from(head);
  for (let sent = 0; sent < repeats; sent += 1) {
    await onChunk(sent);
    // A copy each, or an old chunk that is still held would not show.
    yield Buffer.from(CHUNK);
  }
  yield Buffer.from(tail);
}

let signed: ReturnType<typeof delivery>["headers"];

beforeAll(async () => {
  const body: Uint8Array[] = [];
  for await (const chunk of inbound(() => Promise.resolve())) body.push(chunk);
  signed = delivery(Buffer.concat(body)).headers;
});

const nodeStream = (source: AsyncIterable<Uint8Array>) =>
  Readable.from(source, { objectMode: true, highWaterMark: 1 });

it.each([
  ["declared", { "content-length": String(length) }, length, nodeStream],
  // The system hands out only the pages of it that fill.
  ["chunked", {}, 30 * MB, nodeStream],
  ["web", {}, 30 * MB, (source: AsyncIterable<Uint8Array>) => Readable.toWeb(nodeStream(source))],
  ["async", {}, 30 * MB, (source: AsyncIterable<Uint8Array>) => source],
])("keeps one copy of a %s body of 30 MB while it arrives", async (_how, more, room, streamOf) => {
  const headers = { ...signed, ...more };
  const before = await heldAtRest();
  let peak = 0;
  const body = streamOf(
    inbound(async (sent) => {
      if (sent % 50 === 49 || sent === repeats - 1) peak = Math.max(peak, (await heldBytes()) - before);
    }),
  );
  const { context } = await createVerifier({ secret, now }).verify({ headers, body });
  expect(context.rawBody.length).toBe(length);
  expect(peak).toBeGreaterThan(0.9 * length);
  expect(peak).toBeLessThan(room + 2 * MB);
});
