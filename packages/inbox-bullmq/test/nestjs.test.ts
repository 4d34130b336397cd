import { type TestServer, hasRedis, required, startRedis } from "@ahasend-webhooks/harness";
import { WorkerUnderTest, createDelivery } from "@ahasend-webhooks/testing";
import { BullModule, InjectQueue } from "@nestjs/bullmq";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { bullmqInbox } from "../src/index.js";

/** A module that has the queue injected, as a provider would. */
class InboxModule {
  readonly inbox;
  constructor(queue: Queue) {
    this.inbox = bullmqInbox(queue);
  }
}
// As decorators would: their syntax needs an option of the compiler.
Module({})(InboxModule);
InjectQueue("ahasend")(InboxModule, undefined, 0);

describe.skipIf(!required("Redis", hasRedis()))("a queue of @nestjs/bullmq", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it("is an inbox when it is injected, with the connection and the prefix of the module", async () => {
    const imports = [
      BullModule.forRoot({ connection: { port: server.port }, prefix: "nest" }),
      BullModule.registerQueue({ name: "ahasend" }),
    ];
    const module = { module: InboxModule, imports };
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    onTestFinished(() => app.close());
    const { inbox } = app.get(InboxModule);
    expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
    const worker = new WorkerUnderTest(inbox);
    await worker.ended(1);
    await worker.close();
    expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
    const client = new Redis(server.port);
    onTestFinished(() => client.disconnect());
    expect(await client.exists("nest:ahasend:meta")).toBe(1);
  });
});
