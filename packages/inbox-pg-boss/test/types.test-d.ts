import type { Inbox } from "@ahasend-webhooks/core";
import { createReceiver, createWorker } from "@ahasend-webhooks/core";
import { PgBoss } from "pg-boss";
import { expectTypeOf, it } from "vitest";

import { type BossDatabase, type PgBossInbox, type PgBossLike, pgBossInbox } from "../src/index.js";

const boss = new PgBoss("postgres://localhost");

it("accepts a PgBoss, and its databases", () => {
  expectTypeOf(pgBossInbox(boss)).toEqualTypeOf<PgBossInbox>();
  expectTypeOf(pgBossInbox(boss)).toExtend<Inbox>();
  expectTypeOf<PgBoss>().toExtend<PgBossLike>();
  expectTypeOf<ReturnType<PgBoss["getDb"]>>().toExtend<BossDatabase>();
  pgBossInbox(new PgBoss({ connectionString: "postgres://localhost" }));
  // @ts-expect-error a URL is not a PgBoss
  pgBossInbox("postgres://localhost");
});

it("fits the store of a receiver and of a worker", () => {
  const store = pgBossInbox(boss);
  createReceiver({ secret: "", on: {}, store });
  createWorker({ on: {}, store });
});

it("does not accept what it cannot do", () => {
  // @ts-expect-error there is one limit for all types
  pgBossInbox(boss, { concurrency: { "message.routing": 1 } });
});
