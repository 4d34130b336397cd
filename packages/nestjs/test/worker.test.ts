import {
  type Inbox,
  type Outcome,
  type RunDelivery,
  type StoredDelivery,
  WebhookError,
} from "@ahasend-webhooks/core";
import { PolledWork, type TakenDelivery, resolveInboxOptions } from "@ahasend-webhooks/core/inbox";
import { createEvent } from "@ahasend-webhooks/testing";
import { Injectable, type OnModuleDestroy, type OnModuleInit } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { describe, expect, it, onTestFinished } from "vitest";

import {
  AhaSendWebhooksModule,
  AhaSendWebhooksWorkerModule,
  OnAhaSendEvent,
  PermanentError,
  type WebhookContext,
} from "../src/index.js";
import { createApp, createModule, deliver, listen, platforms, secret } from "./helpers.js";

const bounce = createEvent("message.bounced");

/** A queue in memory, as the inbox of one process. */
function createQueue() {
  const settings = resolveInboxOptions({});
  const waiting: TakenDelivery[] = [];
  const ids = new Set<string>();
  let work: PolledWork<TakenDelivery, unknown> | undefined;
  const inbox: Inbox = {
    retentionSeconds: settings.retentionSeconds,
    async accept(delivery: StoredDelivery) {
      if (ids.has(delivery.deliveryId)) return "duplicate";
      ids.add(delivery.deliveryId);
      waiting.push({ delivery, attempt: 1 });
      work?.wake();
      return "accepted";
    },
    work(run: RunDelivery) {
      const table = {
        pollMs: 10_000,
        take: async (limit: number) => waiting.splice(0, limit),
        handle: async (_taken: TakenDelivery, bound: () => ReturnType<RunDelivery>) =>
          (await bound()).report(),
        nextDueInMs: async () => undefined,
        onWarning: () => undefined,
      };
      return (work = new PolledWork(table, settings, run));
    },
    stats: async () => ({ waiting: waiting.length, active: 0, deadLetters: 0, oldestSeconds: undefined }),
    deadLetters: {
      list: async () => [],
      inspect: async () => undefined,
      replay: async () => 0,
      discard: async () => 0,
    },
    close: () => undefined,
  };
  return { inbox, waiting };
}

/** A bounce that an earlier process has left in the inbox. */
function createLeftOver(attempt: number): TakenDelivery {
  const rawBody = new TextEncoder().encode(JSON.stringify(bounce));
  const delivery = { endpoint: "default", deliveryId: "1", type: bounce.type, sentAt: new Date(), rawBody };
  return { delivery, attempt };
}

/** Outcomes, and a promise of the first of a kind. */
function createJournal() {
  const outcomes: Outcome[] = [];
  let check: () => void = () => undefined;
  const onOutcome = (outcome: Outcome) => {
    outcomes.push(outcome);
    check();
  };
  const first = (kind: Outcome["kind"]) =>
    new Promise<Outcome>((resolve) => {
      check = () => {
        const found = outcomes.find((outcome) => outcome.kind === kind);
        if (found !== undefined) resolve(found);
      };
      check();
    });
  return { outcomes, onOutcome, first };
}

@Injectable()
class Database implements OnModuleInit, OnModuleDestroy {
  static log: string[] = [];
  onModuleInit() {
    Database.log.push("database opened");
  }
  onModuleDestroy() {
    Database.log.push("database closed");
  }
}

@Injectable()
class Suppressions {
  @OnAhaSendEvent("message.bounced")
  take(_event: unknown, { attempt }: WebhookContext) {
    Database.log.push(`handled, attempt ${attempt}`);
  }
}

describe.each(platforms)("an inbox on $platform", ({ createAdapter }) => {
  it("is filled and worked on by one process", async () => {
    Database.log = [];
    const { inbox } = createQueue();
    const { onOutcome, outcomes, first } = createJournal();
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret, store: inbox, onOutcome })],
      [Database, Suppressions],
    );
    const url = `${await listen(app)}/webhooks/ahasend`;
    expect(await deliver(url, bounce)).toBe(204);
    await first("handled");
    expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "handled"]);
    await app.close();
    expect(Database.log).toEqual(["database opened", "handled, attempt 1", "database closed"]);
  });

  it("waits for all modules to be initialized before it hands out what was left", async () => {
    Database.log = [];
    const { inbox, waiting } = createQueue();
    waiting.push(createLeftOver(2));
    const { onOutcome, first } = createJournal();
    const app = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret, store: inbox, onOutcome })],
      [Database, Suppressions],
    );
    await app.init();
    await first("handled");
    expect(Database.log).toEqual(["database opened", "handled, attempt 2"]);
  });

  it("is filled by a web process and worked on by a process without HTTP", async () => {
    Database.log = [];
    const { inbox, waiting } = createQueue();
    const web = await createApp(
      createAdapter,
      [AhaSendWebhooksModule.forRoot({ secret, store: inbox, work: false })],
      [Suppressions],
    );
    const url = `${await listen(web)}/webhooks/ahasend`;
    expect(await deliver(url, bounce)).toBe(204);
    expect(waiting).toHaveLength(1);

    const { onOutcome, first } = createJournal();
    const root = createModule({
      imports: [AhaSendWebhooksWorkerModule.forRoot({ store: inbox, onOutcome })],
      providers: [Database, Suppressions],
    });
    const worker = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    onTestFinished(() => worker.close());
    await first("handled");
    await worker.close();
    expect(Database.log).toEqual(["database opened", "handled, attempt 1", "database closed"]);
  });
});

describe("several handlers of one event", () => {
  class Careful {
    @OnAhaSendEvent("message.bounced")
    one() {
      throw new PermanentError("the customer does not exist");
    }
    @OnAhaSendEvent("message.bounced")
    async two() {
      throw new PermanentError("the address does not exist");
    }
  }
  class Hopeful {
    @OnAhaSendEvent("message.bounced")
    three() {
      throw new Error("out of order");
    }
  }

  it.each([
    { providers: [Careful], kind: "dead" as const },
    { providers: [Careful, Hopeful], kind: "failed" as const },
  ])("make a delivery $kind only if all say that no retry can help", async ({ providers, kind }) => {
    const { inbox, waiting } = createQueue();
    waiting.push(createLeftOver(1));
    const { onOutcome, first } = createJournal();
    const root = createModule({
      imports: [AhaSendWebhooksWorkerModule.forRoot({ store: inbox, onOutcome })],
      providers,
    });
    const worker = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    onTestFinished(() => worker.close());
    const outcome = await first(kind);
    expect("error" in outcome && outcome.error).toBeInstanceOf(WebhookError);
  });
});
