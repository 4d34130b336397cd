import "reflect-metadata";
import { createReceiver } from "@ahasend-webhooks/core";
import { hasPostgres, required } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { ClsPluginTransactional, TransactionHost } from "@nestjs-cls/transactional";
import { TransactionalAdapterTypeOrm } from "@nestjs-cls/transactional-adapter-typeorm";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ClsModule } from "nestjs-cls";
import { DataSource, type EntityManager } from "typeorm";
import {
  StorageDriver,
  addTransactionalDataSource,
  initializeTransactionalContext,
  runInTransaction,
} from "typeorm-transactional";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { type SqlExecutor, fromTypeOrm, postgresStore } from "../../src/index.js";
import { type SharedServer, createOwnDatabase } from "../database.js";
import { effectSchema } from "./orms.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

@Module({})
class DatabaseModule {}

@Module({})
class AppModule {}

describe.skipIf(!required("PostgreSQL", hasPostgres()))("a transaction in an AsyncLocalStorage", () => {
  let server: SharedServer;
  let dataSource: DataSource;
  beforeAll(async () => {
    server = await createOwnDatabase();
    initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE });
    dataSource = new DataSource({
      type: "postgres",
      url: server.url,
      entities: [effectSchema],
      synchronize: true,
    });
    await dataSource.initialize();
    addTransactionalDataSource(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
  });

  /** Delivers an event twice to a handler that writes with `service`, which knows nothing of `tx`, and throws at first. */
  const deliver = async (
    executor: SqlExecutor<EntityManager>,
    service: (delivery: string) => Promise<unknown>,
  ) => {
    const store = postgresStore(executor, { mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    let attempts = 0;
    const receiver = createReceiver({
      secret,
      store,
      onOutcome: () => undefined,
      on: {
        "*": async (_event, { deliveryId }) => {
          attempts += 1;
          await service(deliveryId);
          if (attempts === 1) throw new Error("not yet");
        },
      },
    });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    const effects = [];
    for (let copy = 0; copy < 3; copy += 1) {
      await receiver.receive(delivery);
      effects.push(
        await dataSource.manager.countBy(effectSchema, { delivery: delivery.headers["webhook-id"] }),
      );
    }
    return { attempts, effects };
  };

  it("of typeorm-transactional is joined by the handler's services", async () => {
    const executor: SqlExecutor<EntityManager> = {
      query: fromTypeOrm(dataSource).query,
      transaction: async (work) =>
        runInTransaction(async () => work(dataSource.manager, fromTypeOrm(dataSource.manager).query)),
    };
    const repository = dataSource.getRepository(effectSchema);
    const service = (delivery: string) => runInTransaction(async () => repository.insert({ delivery }));
    expect(await deliver(executor, service)).toEqual({ attempts: 2, effects: [0, 1, 1] });
  });

  it("of typeorm-transactional is not joined by claims and receipts of lease mode", async () => {
    const store = postgresStore(fromTypeOrm(dataSource), { table: "leases" });
    onTestFinished(() => store.close());
    await store.migrate();
    const keys = ["a", "b", "c"];
    const rolledBack = runInTransaction(async () => {
      await Promise.all(keys.map(async (key) => store.claim(key, "one", 60_000)));
      await Promise.all(keys.map(async (key) => store.commit(key, "one", 60_000)));
      throw new Error("no");
    });
    await expect(rolledBack).rejects.toThrow("no");
    const claims = await Promise.all(keys.map(async (key) => store.claim(key, "two", 60_000)));
    expect(claims).toEqual(keys.map(() => ({ state: "done" })));
  });

  it("of @nestjs-cls/transactional is joined by the handler's services", async () => {
    const adapter = new TransactionalAdapterTypeOrm({ dataSourceToken: DataSource });
    const provider = { provide: DataSource, useValue: dataSource };
    const database = { module: DatabaseModule, providers: [provider], exports: [provider], global: true };
    const plugin = new ClsPluginTransactional({ adapter, imports: [database] });
    const cls = ClsModule.forRoot({ plugins: [plugin], global: true });
    const app = await NestFactory.createApplicationContext(
      { module: AppModule, imports: [cls] },
      { logger: false },
    );
    onTestFinished(() => app.close());
    const host = app.get<TransactionHost<TransactionalAdapterTypeOrm>>(TransactionHost);

    const executor: SqlExecutor<EntityManager> = {
      query: fromTypeOrm(dataSource).query,
      transaction: async (work) =>
        host.withTransaction(async () => work(host.tx, fromTypeOrm(host.tx).query)),
    };
    const service = (delivery: string) =>
      host.withTransaction(async () => host.tx.insert(effectSchema, { delivery }));
    expect(await deliver(executor, service)).toEqual({ attempts: 2, effects: [0, 1, 1] });
  });
});
