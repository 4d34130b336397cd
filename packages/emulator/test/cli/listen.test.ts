import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

import { signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";

import { secret } from "../helpers.js";
import { event, listening, post } from "./listening.js";
import { Program, run } from "./program.js";

describe("ahasend-webhooks listen", () => {
  it("reports verified, duplicate and refused requests, and replies like a receiver", async () => {
    const { url, requests } = await listening();
    const delivery = signDelivery({ secret, event, id: "msg_1" });
    const rewritten = { ...delivery, body: JSON.stringify(JSON.parse(delivery.body)) };
    const answers = [
      await post(url, delivery),
      await post(url, delivery),
      await post(url, rewritten),
      await fetch(url),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 401, 405]);
    expect(await answers[2]!.json()).toEqual({ code: "invalid_signature" });
    const printed = await requests(4);
    expect(printed).toMatchObject([
      { kind: "request", deliveryId: "msg_1", type: "message.bounced", verdict: "verified", status: 204 },
      { deliveryId: "msg_1", verdict: "duplicate", status: 204, forwarded: null },
      { verdict: "refused", code: "invalid_signature", problems: [{ code: "body_rewritten" }], status: 401 },
      { method: "GET", verdict: "refused", code: "method_not_allowed", problems: [], status: 405 },
    ]);
  });

  it("prints a line per request, and one per problem", async () => {
    const program = new Program(["listen", "--port", "0"]);
    await program.prints("press Ctrl+C");
    const [, url = ""] = /^Listening on (\S+) \(press Ctrl\+C to stop\)$/m.exec(program.stdout) ?? [];
    await post(url, signDelivery({ secret, event, id: "msg_1" }));
    await post(url, signDelivery({ secret: `${secret}x`, event, id: "msg_2" }));
    await program.prints("no_match");
    expect(program.stdout).toMatch(/^\d\d:\d\d:\d\d {2}message\.bounced msg_1 {2}verified {2}replied 204$/m);
    expect(program.stdout).toMatch(
      /^\S+ {2}message\.bounced msg_2 {2}refused: invalid_signature {2}replied 401\n {2}no_match {2}.*dashboard/m,
    );
  });

  it("prints the beginning of each body with --show-body, harmless to a terminal", async () => {
    const program = new Program(["listen", "--port", "0", "--show-body"]);
    await program.prints("press Ctrl+C");
    const [, url = ""] = /^Listening on (\S+) /m.exec(program.stdout) ?? [];
    const long = "x".repeat(8000);
    await post(url, signDelivery({ secret, event: '{"type":"a.b","data":{"subject":"\u009b31m\u202e"}}' }));
    await post(url, signDelivery({ secret, event: `{"type":"a.b","data":{},"long":"${long}"}` }));
    await program.prints("more bytes");
    expect(program.stdout).toContain(
      [
        "",
        "  {",
        '    "type": "a.b",',
        '    "data": {',
        '      "subject": "\\u009b31m\\u202e"',
        "    }",
        "  }",
        "",
      ].join("\n"),
    );
    const [beginning, rest] = program.stdout.split("\n").slice(-3);
    expect(beginning).toHaveLength("  ".length + 8000);
    expect(rest).toBe("  … 34 more bytes");
    const json = await listening(["--show-body"]);
    const delivery = signDelivery({ secret, event });
    await post(json.url, delivery);
    expect(await json.requests(1)).toMatchObject([{ body: delivery.body }]);
  });

  it("accepts several secrets, or none, and then verifies nothing", async () => {
    const other = "aha-rsec-that-of-the-route-0123";
    const both = await listening(["--secret", secret, "--secret", other]);
    expect((await post(both.url, signDelivery({ secret: other, event }))).status).toBe(204);
    const none = await listening([], {});
    expect((await post(none.url, { headers: {}, body: "{}" })).status).toBe(204);
    expect(await none.requests(1)).toMatchObject([{ verdict: "unchecked" }]);
  });

  it("rejects a secret that a receiver would reject", async () => {
    const { status, stderr } = await run(["listen", "--port", "0", "--secret", "short"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: secret is shorter than 16 characters.*\n$/);
  });

  it.each([30_000_001, 31_000_000])("refuses a body of %i bytes", async (bytes) => {
    const { url } = await listening();
    const response = await post(url, { headers: {}, body: Buffer.alloc(bytes) });
    expect(response.status).toBe(413);
    expect((await post(url, signDelivery({ secret, event }))).status).toBe(204);
  });

  it("does not diagnose a large forged body, which would block the event loop", async () => {
    const { url, requests } = await listening();
    const body = `{"type":"message.routing","data":"${"<".repeat(8_000_000)}"}`;
    const forged = signDelivery({ secret: `${secret}x`, event: body });
    expect((await post(url, forged)).status).toBe(401);
    expect(await requests(1)).toMatchObject([
      {
        type: "message.routing",
        verdict: "refused",
        problems: [{ code: "body_not_searched", message: expect.stringContaining("up to 100000") as string }],
      },
    ]);
  });

  it("accepts ten large bodies at the same time, and refuses more with 503", async () => {
    const { url, requests } = await listening();
    const stalled = Array.from({ length: 10 }, () => {
      const sent = request(url, { method: "POST", headers: { "content-length": "29000000" } });
      sent.on("error", () => undefined).write("{");
      onTestFinished(() => void sent.destroy());
      return sent;
    });
    await Promise.all(
      stalled.map((sent) =>
        once(sent, "socket").then(([socket]) => once(socket as IncomingMessage, "ready")),
      ),
    );
    const large = { headers: {}, body: Buffer.alloc(100_000) };
    await expect.poll(async () => (await post(url, large)).status).toBe(503);
    expect((await post(url, signDelivery({ secret, event }))).status, "a small one is accepted").toBe(204);
    for (const sent of stalled) sent.destroy();
    await expect.poll(async () => (await post(url, large)).status).toBe(400);
    expect((await requests(2)).map(({ status }) => status)).toEqual([204, 400]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("stops on %s, even with open connections", async (signal) => {
    const { program, url } = await listening();
    await post(url, signDelivery({ secret, event }));
    program.signal(signal);
    expect(await program.ended()).toBe(0);
  });

  it("reports that its port is in use", async () => {
    const { url } = await listening();
    const { status, stderr } = await run(["listen", "--port", new URL(url).port]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: Port \d+ .*EADDRINUSE.*--port.*\n$/);
  });
});
