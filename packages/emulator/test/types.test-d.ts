import express from "express";
import Koa from "koa";
import { createServer } from "node:http";
import type { INestApplication } from "@nestjs/common";
import { expectTypeOf, it } from "vitest";

import type { FaultEffects } from "../src/faults/fault-effects.js";
import { type Fault, type InboundRoute, type Webhook, createEmulator } from "../src/index.js";

const emulator = createEmulator();
const url = "http://localhost:3000/";

it("types a new endpoint by its kind", () => {
  expectTypeOf(emulator.endpoints.create({ url })).toEqualTypeOf<Webhook>();
  expectTypeOf(emulator.endpoints.create({ kind: "route", url })).toEqualTypeOf<InboundRoute>();
  // @ts-expect-error misspelt
  emulator.endpoints.create({ url, on_open: true });
  // @ts-expect-error a route has no scope
  emulator.endpoints.create({ kind: "route", url, scope: "global" });
  // @ts-expect-error counters cannot be set
  emulator.endpoints.create({ url, success_count: 1 });
});

it("makes endpoints read-only", () => {
  // @ts-expect-error read-only: use change()
  emulator.endpoints.create({ url }).name = "other";
});

it("requires the fields of each fault", () => {
  expectTypeOf<{ kind: "wrong_secret" }>().toExtend<Fault>();
  // @ts-expect-error offsetSeconds is missing
  emulator.emit("{}", { faults: [{ kind: "timestamp" }] });
});

it("does not compile a new fault without an effect", () => {
  type Effects = FaultEffects<Fault | { kind: "late_reply"; attempts?: number } | { kind: "lost" }>;
  const effects = {} as FaultEffects<Fault>;
  const late_reply = { afterSigning: () => undefined };
  const lost = { plan: () => undefined };
  ({ ...effects, late_reply, lost }) satisfies Effects;
  // @ts-expect-error late_reply is missing
  ({ ...effects, lost }) satisfies Effects;
  // @ts-expect-error lost does nothing
  ({ ...effects, late_reply, lost: {} }) satisfies Effects;
  // @ts-expect-error a fault with attempts acts on single attempts
  ({ ...effects, late_reply: { plan: () => undefined }, lost }) satisfies Effects;
});

it("connects apps of every supported framework", () => {
  void emulator.connect(express());
  void emulator.connect(new Koa());
  void emulator.connect({} as INestApplication);
  void emulator.connect(createServer());
  void emulator.connect((_request, response) => response.end());
  void emulator.connect(new URL(url));
  // @ts-expect-error not an app
  void emulator.connect(3000);
});

it("types event overrides by the event type", async () => {
  const sender = await emulator.connect(url);
  void sender.deliver("message.bounced", { data: { recipient: "gone@example.com" } });
  // @ts-expect-error misspelt
  void sender.deliver("message.bouncd");
  // @ts-expect-error a bounce has no url
  void sender.deliver("message.bounced", { data: { url } });
});
