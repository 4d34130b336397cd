import { PermanentError } from "@ahasend-webhooks/core";

import { type InboxCase, WorkerUnderTest, assertSameBytes, createDelivery } from "./inbox-case.js";

/** Bodies that databases and serializers like to change. Created when they are used: they are large. */
const hostileBodies: Record<string, () => Uint8Array> = {
  "a NUL and half a character": () =>
    Buffer.from('{"type":"message.routing","data":{"subject":"\\u0000 \\ud800","from":"\ud83d\ude00"}}'),
  "a header named __proto__": () =>
    Buffer.from('{"type":"message.routing","data":{"headers":{"__proto__":["x"]}}}'),
  "numbers and spaces that would be written differently": () =>
    Buffer.from('{ "type":"message.bounced" ,"data":{"n":9007199254740993, "n":1e2}}'),
  "bytes that are not UTF-8": () => Uint8Array.from({ length: 256 }, (_, byte) => byte),
  "30 MB": () => Buffer.from(`{"type":"message.routing","data":{"raw":"${"x".repeat(30_000_000)}"}}`),
};

/** The part of the contract of an inbox that is about bytes. */
export const bodyCases: readonly InboxCase[] = Object.entries(hostileBodies).map(([what, createBody]) => ({
  name: `keeps a body with ${what} byte for byte`,
  async run({ open }) {
    const rawBody = createBody();
    const inbox = await open({ maxAttempts: 1 });
    await inbox.accept(createDelivery("a", { rawBody }));
    const worker = new WorkerUnderTest(inbox, () => {
      throw new PermanentError("kept");
    });
    await worker.ended(1);
    const [letter] = await inbox.deadLetters.list();
    assertSameBytes((await inbox.deadLetters.inspect(letter?.id ?? ""))?.rawBody, rawBody);
    for (const call of worker.calls) assertSameBytes(call.rawBody, rawBody);
    await worker.close();
  },
}));
