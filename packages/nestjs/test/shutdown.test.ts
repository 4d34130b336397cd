import { hasPostgres, required, startPostgres } from "@ahasend-webhooks/harness";
import { createEvent } from "@ahasend-webhooks/testing";
import {
  Global,
  type INestApplication,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnModuleDestroy,
} from "@nestjs/common";
import { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { AhaSendWebhooksModule, AhaSendWebhooksService, OnAhaSendEvent } from "../src/index.js";
import { createApp, deliver, listen, platforms, secret } from "./helpers.js";

const bounce = createEvent("message.bounced");

/** Creates a promise and the function that resolves it. */
function createDeferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

const hooks = ["onModuleDestroy", "beforeApplicationShutdown", "onApplicationShutdown"] as const;

describe.each(platforms)("a shutdown on $platform", ({ createAdapter }) => {
  /** Creates a database that a hook of Nest closes, and a handler that needs it until its end. */
  function createDatabaseAndHandler(hook: (typeof hooks)[number]) {
    const started = createDeferred();
    const finish = createDeferred();
    const log: string[] = [];
    class Database {
      [hook]() {
        log.push("database closed");
      }
    }
    class Slow {
      @OnAhaSendEvent("message.bounced")
      async take() {
        log.push("handler started");
        started.resolve();
        await finish.promise;
        log.push("handler ended");
      }
    }
    return { Database, Slow, started: started.promise, finish: finish.resolve, log };
  }

  /** The modules of the app, by the place of the database. */
  const places: Record<string, (Database: new () => object) => ModuleMetadata> = {
    "in the root module": (Database) => ({
      imports: [AhaSendWebhooksModule.forRoot({ secret })],
      providers: [Database],
    }),
    "in a global module": (Database) => {
      @Global()
      @Module({ providers: [Database], exports: [Database] })
      class Everywhere {}
      return { imports: [Everywhere, AhaSendWebhooksModule.forRoot({ secret })] };
    },
    "deep below": (Database) => {
      @Module({ providers: [Database] })
      class Deep {}
      @Module({ imports: [Deep] })
      class Above {}
      return { imports: [Above, AhaSendWebhooksModule.forRoot({ secret })] };
    },
    "in a module that the endpoint imports": (Database) => {
      @Module({ providers: [Database], exports: [Database] })
      class Imported {}
      const options = { imports: [Imported], inject: [Database], useFactory: () => ({ secret }) };
      return { imports: [AhaSendWebhooksModule.forRootAsync(options)] };
    },
  };

  it.each(hooks.flatMap((hook) => Object.keys(places).map((where) => [hook, where] as const)))(
    "waits for handlers before %s closes a database %s, and refuses new deliveries in the meantime",
    async (hook, where) => {
      const { Database, Slow, started, finish, log } = createDatabaseAndHandler(hook);
      const { imports, providers = [] } = places[where]!(Database);
      const app = await createApp(createAdapter, imports, [...providers, Slow]);
      const url = `${await listen(app)}/webhooks/ahasend`;
      const first = deliver(url, bounce);
      await started;
      const closed = app.close();
      await vi.waitFor(async () => expect(await deliver(url, bounce)).toBe(503));
      finish();
      expect(await first).toBe(204);
      await closed;
      expect(log).toEqual(["handler started", "handler ended", "database closed"]);
    },
  );

  it("makes every endpoint refuse deliveries while one of them finishes its own", async () => {
    const { Slow, started, finish, log } = createDatabaseAndHandler("onModuleDestroy");
    const endpoints = ["a", "b", "c"].map((name) =>
      AhaSendWebhooksModule.forRoot({ secret, name, path: name }),
    );
    const app = await createApp(createAdapter, endpoints, [Slow]);
    const url = await listen(app);
    const first = deliver(`${url}/b`, bounce);
    await started;
    const closed = app.close();
    await vi.waitFor(async () => expect(await deliver(`${url}/b`, bounce)).toBe(503));
    expect(await Promise.all(["a", "c"].map((path) => deliver(`${url}/${path}`, bounce)))).toEqual([
      503, 503,
    ]);
    finish();
    expect(await first).toBe(204);
    await closed;
    expect(log).toEqual(["handler started", "handler ended"]);
  });

  it("finishes without delay, whether or not the app has started", async () => {
    const app = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })]);
    await app.close();
    const other = await createApp(createAdapter, [AhaSendWebhooksModule.forRoot({ secret })]);
    await other.init();
    await other.close();
    const service = other.get(AhaSendWebhooksService);
    expect(await service.receive({ headers: {}, body: "" })).toMatchObject({ status: 503 });
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("SIGTERM under load", () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  /** A record of the deliveries of one app. */
  class Journal {
    running = 0;
    readonly failures: unknown[] = [];
    handled = 0;
    /** The number of handlers that were running when the database began to close. */
    runningAtEnd: number | undefined;
    startedAfterRefusal = 0;
    refused = false;
  }

  abstract class Database {
    readonly journal = new Journal();
    readonly pool = new Pool({ connectionString: server.url, max: 4 });

    #ended: Promise<void> | undefined;

    protected end() {
      this.journal.runningAtEnd ??= this.journal.running;
      return (this.#ended ??= this.pool.end());
    }
  }

  /** A pool that ends with its module. */
  @Injectable()
  class PoolService extends Database implements OnModuleDestroy {
    onModuleDestroy() {
      return this.end();
    }
  }

  /** A service as in Prisma's recipe for Nest. */
  @Injectable()
  class PrismaService extends Database {
    async $connect() {
      await this.pool.query("select 1");
    }
    async $disconnect() {
      await this.end();
    }
    onModuleInit() {
      return this.$connect();
    }
    onModuleDestroy() {
      return this.$disconnect();
    }
  }

  async function startApp(
    Service: new () => Database,
    createAdapter: (typeof platforms)[number]["createAdapter"],
  ) {
    class Writes {
      database!: Database;

      @OnAhaSendEvent("message.bounced")
      async take() {
        const { journal, pool } = this.database;
        if (journal.refused) journal.startedAfterRefusal += 1;
        journal.running += 1;
        try {
          await pool.query("select pg_sleep(0.02)");
          await pool.query("select 1");
          journal.handled += 1;
        } catch (error) {
          journal.failures.push(error);
          throw error;
        } finally {
          journal.running -= 1;
        }
      }
    }
    @Module({ providers: [Service], exports: [Service] })
    class Databases {}
    const app: INestApplication = await createApp(
      createAdapter,
      [Databases, AhaSendWebhooksModule.forRoot({ secret })],
      [Writes],
    );
    const database = app.get(Service);
    app.get(Writes).database = database;
    app.enableShutdownHooks(["SIGTERM"]);
    return { journal: database.journal, url: `${await listen(app)}/webhooks/ahasend` };
  }

  let guards: (() => void)[] = [];
  afterEach(() => {
    for (const guard of guards.splice(0)) guard();
  });

  it.each(platforms)(
    "closes the database after the last handler and accepts no delivery afterwards on $platform",
    async (platform) => {
      const apps = await Promise.all(
        [PoolService, PrismaService].map((it) => startApp(it, platform.createAdapter)),
      );
      // Nest sends the signal again after an app has closed, which would end this process without a listener.
      const signals = createDeferred();
      let count = 0;
      const guard = () => void ((count += 1) > apps.length && signals.resolve());
      process.on("SIGTERM", guard);
      guards.push(() => process.off("SIGTERM", guard));

      const senders = apps.flatMap(({ journal, url }) =>
        Array.from({ length: 8 }, async () => {
          for (;;) {
            const status = await deliver(url, bounce).catch(() => "unreachable" as const);
            if (status === 503) journal.refused = true;
            if (status !== 204) return status;
          }
        }),
      );
      await vi.waitFor(() => {
        for (const { journal } of apps) expect(journal.handled).toBeGreaterThan(20);
      }, 10_000);
      process.kill(process.pid, "SIGTERM");
      const last = await Promise.all(senders);
      await signals.promise;
      for (const { journal } of apps) {
        expect(journal).toMatchObject({ failures: [], running: 0, runningAtEnd: 0, startedAfterRefusal: 0 });
      }
      // Whether the server still replies 503 or no longer listens depends on where each request is.
      expect(last.filter((status) => status !== 503 && status !== "unreachable")).toEqual([]);
    },
  );
});
