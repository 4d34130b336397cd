import { describe, expect, it } from "vitest";

import { closedPort, noting, receiving, secret } from "../helpers.js";
import { Program, run, runProcess } from "./program.js";

const fast = ["--speed", "Infinity"];

describe("ahasend-webhooks scenario", () => {
  it("delivers the events of one e-mail in their order", async () => {
    const { url, handled } = await receiving();
    const { status, stdout } = await runProcess([
      "scenario",
      "bounced",
      "--to",
      url,
      "--recipient",
      "gone@customer.example",
    ]);
    expect(status).toBe(0);
    expect(handled.map(({ type }) => type)).toEqual([
      "message.reception",
      "message.bounced",
      "suppression.created",
    ]);
    for (const { event } of handled)
      expect(event).toMatchObject({ data: { recipient: "gone@customer.example" } });
    expect(stdout).toMatch(/^message\.bounced {2}attempt 1 {2}204 No Content/m);
    expect(stdout).toMatch(/^3 acknowledged; attempts: 3 \(204 × 3\); median .* ms, longest .* ms$/m);
  });

  it("continues after a first attempt that failed", async () => {
    let failures = 0;
    const { url, outcomes } = await receiving({
      on: {
        "message.bounced": () => {
          failures += 1;
          if (failures === 1) throw new Error("not now");
        },
        "*": () => undefined,
      },
    });
    const { status } = await run(["scenario", "bounced", "--to", url, ...fast]);
    expect(status).toBe(0);
    const types = outcomes.map(({ type }) => type);
    expect([...new Set(types)]).toEqual(["message.reception", "message.bounced", "suppression.created"]);
    expect(types.filter((type) => type === "message.bounced")).toHaveLength(2);
  });

  it("delivers inbound e-mails to the route, with its own URL and secret", async () => {
    const routeSecret = "aha-rsec-Zk4vT9wQ2mX7bN1sL6pR3yC8";
    const webhook = await receiving();
    const route = await receiving({ secret: routeSecret });
    const routing = ["--route-to", route.url, "--route-secret", routeSecret];
    const { status } = await run([
      "scenario",
      "inbound",
      "--to",
      webhook.url,
      ...routing,
      "--recipient",
      "help@acme.example",
    ]);
    expect(status).toBe(0);
    expect(webhook.handled).toMatchObject([{ type: "message.reception" }]);
    expect(route.handled).toMatchObject([
      { type: "message.routing", event: { data: { to: "help@acme.example" } } },
    ]);
  });

  it("emits as many transient errors as --transient-errors says", async () => {
    const { url, handled } = await receiving();
    await run(["scenario", "failed", "--to", url, "--transient-errors", "3"]);
    expect(handled.filter(({ type }) => type === "message.transient_error")).toHaveLength(3);
  });

  it("plays many e-mails, and prints a summary", async () => {
    const { url, handled } = await receiving();
    const { status, stdout } = await run([
      "scenario",
      "delivered",
      "--to",
      url,
      "--count",
      "100",
      "--recipient",
      "user{n}@customer.example",
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^400 acknowledged; attempts: 400 \(204 × 400\); .*\n$/);
    const recipients = handled.map(({ event }) => (event as { data: { recipient: string } }).data.recipient);
    expect(new Set(recipients).size).toBe(100);
    expect(recipients).toContain("user100@customer.example");
  });

  it("starts e-mails at a rate, and prints a summary in JSON", async () => {
    const { url, handled } = await receiving();
    const args = ["scenario", "suppressed", "--to", url, "--count", "20", "--rate", "200", "--json"];
    const { status, data } = await run(args);
    expect(status).toBe(0);
    expect(handled).toHaveLength(40);
    expect(data.filter(({ kind }) => kind === "attempt")).toHaveLength(40);
    expect(data.at(-1)).toEqual({
      kind: "summary",
      emails: 20,
      deliveries: { delivered: 40, failed: 0, cancelled: 0, pending: 0 },
      attempts: 40,
      outcomes: { 204: 40 },
      latencyMs: { median: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) },
    });
  });

  it("reverses the events with the fault reordered", async () => {
    const { url, handled } = await receiving();
    await run(["scenario", "bounced", "--to", url, "--fault", "reordered"]);
    expect(handled.map(({ type }) => type)).toEqual([
      "suppression.created",
      "message.bounced",
      "message.reception",
    ]);
  });

  it("exits with 1 when an event was given up", async () => {
    const { url } = await receiving();
    const { status, stdout } = await run([
      "scenario",
      "suppressed",
      "--to",
      url,
      "--fault",
      "wrong-secret",
      ...fast,
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^0 acknowledged, 2 given up; attempts: 12 \(401 × 12\)/m);
  });

  it("stops when the endpoint is disabled after too many failures", async () => {
    const { status, data } = await run([
      "scenario",
      "delivered",
      "--to",
      await closedPort(),
      "--count",
      "1000",
      "--json",
      ...fast,
    ]);
    expect(status).toBe(1);
    const { emails, attempts } = data.at(-1) as { emails: number; attempts: number };
    expect(emails).toBeLessThan(1000);
    expect(attempts).toBeGreaterThan(100);
  });

  it("ends at once with Ctrl+C, and still prints a summary", async () => {
    const { url } = await noting(500);
    const program = new Program(["scenario", "delivered", "--to", url, "--speed", "0.001"]);
    await program.prints("message.clicked");
    program.signal("SIGINT");
    expect(await program.ended()).toBe(130);
    expect(program.stdout).toMatch(/^0 acknowledged, 4 interrupted; attempts: 4 \(500 × 4\)/m);
  });

  it("requires a usable secret for the route as well", async () => {
    const args = ["scenario", "inbound", "--to", "http://localhost:1/", "--route-secret", "short"];
    const { status, stderr } = await run(args, { env: { AHASEND_WEBHOOK_SECRET: secret } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: secret is shorter than 16 characters.*\n$/);
  });
});
