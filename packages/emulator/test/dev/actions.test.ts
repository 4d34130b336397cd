import { createEvent } from "@ahasend-webhooks/testing";
import { describe, expect, it, vi } from "vitest";

import type { RefusalReport } from "../../src/doctor/refusal-report.js";
import type { DeliveryDetail } from "../../src/dev/view.js";
import type { Fault } from "../../src/index.js";
import { closedPort, noting, receiving, sendingTo } from "../helpers.js";
import { serveEmulator, serveWebhook, toPath } from "./serve-emulator.js";
import { watch } from "./watch.js";

const otherSecret = "aha-whsec-0000000000000000000000000000000000";

describe("the actions of the page", () => {
  it("makes the next attempt of a waiting delivery at once, and cancels it", async () => {
    const { url, arrived } = await noting(500);
    const { emulator, ask } = await serveWebhook(url, { speed: 0.001 });
    const [delivery] = emulator.emit(createEvent("message.opened"));
    await emulator.quiet();
    expect(await ask("POST", `${toPath(delivery!)}/retry`, {})).toMatchObject({ status: 200 });
    await emulator.quiet();
    expect(arrived).toHaveLength(2);
    expect(delivery).toMatchObject({ state: "pending", attempts: [{ number: 1 }, { number: 2 }] });
    expect(await ask("POST", `${toPath(delivery!)}/cancel`, {})).toMatchObject({ status: 200 });
    expect((await delivery!.settled).state).toBe("cancelled");
    for (const action of ["retry", "cancel"]) {
      expect(await ask("POST", `${toPath(delivery!)}/${action}`, {})).toMatchObject({
        status: 409,
        body: { code: "delivery_settled" },
      });
    }
  });

  it.each([
    [204, "delivered"],
    [500, "cancelled"],
  ])(
    "lets a reply of %i decide about a cancelled delivery whose attempt is in flight",
    async (status, state) => {
      let reply = () => {};
      const { url, arrived } = await noting((_request, response) => {
        reply = () => response.writeHead(status).end();
      });
      const { emulator } = sendingTo(url);
      const [delivery] = emulator.emit(createEvent("message.opened"));
      await vi.waitFor(() => expect(arrived).toHaveLength(1), 10_000);
      emulator.cancel(delivery!);
      reply();
      expect((await delivery!.settled).state).toBe(state);
      expect(arrived).toHaveLength(1);
    },
  );

  it("replays with the same id or a new one, and knows which reply was for a duplicate", async () => {
    const { url, outcomes } = await receiving();
    const { emulator, ask } = await serveWebhook(url);
    const [first] = emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    const same = await ask("POST", `${toPath(first!)}/replay`, {});
    await emulator.idle();
    const fresh = await ask("POST", `${toPath(first!)}/replay`, { newId: true });
    await emulator.idle();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "duplicate", "handled"]);
    const readDetail = async ({ key }: { key: string }) =>
      (await ask("GET", toPath({ key }))).body as unknown as DeliveryDetail;
    const details = await Promise.all(
      [first!, same.body, fresh.body].map((row) => readDetail(row as { key: string })),
    );
    expect(details.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true, false]);
    expect(details[2]).toMatchObject({ copy: 1 });
    expect(details[2]!.id).not.toBe(first!.id);
  });

  it("replays many deliveries, and reports what cannot be replayed", async () => {
    const { url } = await receiving();
    const { emulator, webhook, ask } = await serveWebhook(url);
    const keys = ["message.opened", "message.clicked"].flatMap((type) =>
      emulator.emit({ ...createEvent("message.opened"), type }).map(({ key }) => key),
    );
    await emulator.idle();
    const missing = "msg_unknown/1";
    const { body } = await ask("POST", "replays", { keys: [...keys, missing], newId: true });
    expect(body).toEqual({ replayed: 2, refusals: [expect.stringContaining(missing)] });
    expect(emulator.deliveries.list()).toHaveLength(4);
    emulator.endpoints.disable(webhook.id);
    expect((await ask("POST", "replays", { keys })).body).toEqual({
      replayed: 0,
      refusals: [expect.stringContaining("is disabled")],
    });
    expect(await ask("POST", "replays", { keys: "all" })).toMatchObject({ status: 400 });
  });

  it("clears the deliveries that have ended, and keeps the pending ones", async () => {
    let status = 204;
    const { url } = await noting((_request, response) => void response.writeHead(status).end());
    const { emulator, ask, url: page } = await serveWebhook(url, { speed: 1 });
    emulator.emit(createEvent("message.opened"));
    await emulator.idle();
    status = 500;
    const [pending] = emulator.emit(createEvent("message.clicked"));
    await emulator.quiet();
    const { messages, state } = await watch(page);
    await vi.waitFor(() => expect(messages).toHaveLength(1), 10_000);
    expect(state().deliveries.size).toBe(2);
    await ask("DELETE", "deliveries");
    await vi.waitFor(() => expect([...state().deliveries.keys()]).toEqual([pending!.key]), 10_000);
    expect(emulator.deliveries.list()).toEqual([pending]);
  });

  it("saves events by name, for the page and in the list of names", async () => {
    const { emulator, ask, url } = await serveEmulator();
    const { messages } = await watch(url);
    const event = createEvent("message.bounced");
    const path = `saved-events/${encodeURIComponent("Ada / bounce")}`;
    expect(await ask("PUT", path, { event })).toMatchObject({ status: 200 });
    await ask("PUT", "saved-events/raw", { event: "{ no JSON" });
    expect((await ask("GET", path)).body).toEqual({ event });
    await vi.waitFor(
      () => expect(messages.at(-1)?.data.savedEvents).toEqual(["Ada / bounce", "raw"]),
      10_000,
    );
    await ask("DELETE", "saved-events/raw");
    expect(emulator.savedEvents.list()).toEqual(["Ada / bounce"]);
    expect(await ask("GET", "saved-events/raw")).toMatchObject({
      status: 404,
      body: { code: "saved_event_not_found" },
    });
    expect(await ask("PUT", "saved-events/untyped", { event: {} })).toMatchObject({ status: 400 });
    expect(await ask("PUT", "saved-events/%20", { event })).toMatchObject({ status: 400 });
  });
});

describe("the explanation of a refusal", () => {
  /** Sends an event, and returns why its first attempt was refused. */
  async function explain(url: string, faults: readonly Fault[] = []) {
    const { emulator, ask } = await serveWebhook(url);
    const [delivery] = emulator.emit(createEvent("message.opened"), { faults });
    await emulator.idle();
    const { body } = await ask("GET", `${toPath(delivery!)}/attempts/1/explanation`);
    return { delivery, emulator, ask, explanation: body["explanation"] as RefusalReport | null };
  }

  it("finds that The receiver has another secret", async () => {
    const { url } = await receiving({ secret: otherSecret });
    expect((await explain(url)).explanation).toEqual({
      code: "invalid_signature",
      verifies: true,
      causes: [expect.stringContaining("The receiver has another secret")],
    });
  });

  it("finds that a fault altered the request, so that the refusal is right", async () => {
    const { url } = await receiving();
    const { explanation } = await explain(url, [{ kind: "timestamp", offsetSeconds: -3600 }]);
    expect(explanation).toMatchObject({ code: "stale_timestamp", verifies: false });
    expect(explanation!.causes).toEqual([
      expect.stringContaining("altered on purpose"),
      expect.stringContaining("1 h"),
    ]);
  });

  it("finds that the secret of the endpoint has changed since", async () => {
    const { url } = await receiving({ secret: otherSecret });
    const { emulator, ask, delivery } = await explain(url);
    emulator.endpoints.change(delivery!.endpointId, { secret: otherSecret });
    const { body } = await ask("GET", `${toPath(delivery!)}/attempts/1/explanation`);
    expect(body["explanation"]).toMatchObject({
      verifies: false,
      causes: [expect.stringContaining("another secret since this attempt")],
    });
  });

  it.each([
    [
      "a clock that is an hour behind",
      401,
      { date: new Date(Date.now() - 3_600_000).toUTCString() },
      "1 h behind",
    ],
    ["a guard in front", 401, {}, "exclude the path from authentication"],
    ["a wrong path", 404, {}, "compare the path"],
    ["an unusual status", 418, {}, "return a status from 200 to 299"],
    ["a redirect without a target", 302, {}, "a redirect without a target"],
    ["a broken proxy", 599, {}, "a proxy in front of it failed"],
  ])("names %s as the cause", async (_cause, status, headers, message) => {
    const { url } = await noting((_request, response) => response.writeHead(status, headers).end());
    const { explanation } = await explain(url);
    expect(explanation).toMatchObject({ code: null, verifies: true });
    expect(explanation!.causes.join(" ")).toContain(message);
  });

  it("finds a redirect that has turned the POST into a GET", async () => {
    const { url } = await noting((request, response) => {
      if (request.url.endsWith("/")) response.writeHead(405).end();
      else response.writeHead(301, { location: `${request.url}/` }).end();
    });
    expect((await explain(url)).explanation!.causes[0]).toContain("A redirect turned the POST into a GET");
  });

  it("explains why no reply came", async () => {
    const { explanation } = await explain(await closedPort());
    expect(explanation).toEqual({
      code: null,
      verifies: null,
      causes: [expect.stringContaining("start the receiver, and compare the port")],
    });
    const { url } = await noting();
    const tls = await explain(url.replace("http:", "https:"));
    expect(tls.explanation).toMatchObject({ causes: [expect.stringContaining("use http://")] });
  });

  it("explains neither an acknowledged attempt nor the emulator's own reply", async () => {
    const { url } = await noting();
    const { explanation, emulator, ask, delivery } = await explain(url);
    expect(explanation).toBeNull();
    emulator.endpoints.override(delivery!.endpointId, { kind: "fail", status: 503 });
    const [failed] = emulator.emit(createEvent("message.clicked"));
    await emulator.idle();
    const { body } = await ask("GET", `${toPath(failed!)}/attempts/1/explanation`);
    expect(body).toEqual({ explanation: null });
  });
});
