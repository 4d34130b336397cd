import { type Handlers, type Outcome, createReceiver } from "@ahasend-webhooks/core";
import { hasPostgres, required } from "@ahasend-webhooks/harness";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";
import { CamelCasePlugin, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";

import { type PostgresStoreOptions, postgresStore } from "../src/index.js";
import { type SharedServer, createOwnDatabase, newSchema } from "./database.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";
type Client = pg.PoolClient;
const effects = pgTable("client_effects", { delivery: text().notNull() });

describe.skipIf(!required("PostgreSQL", hasPostgres()))("context.client", () => {
  let server: SharedServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await createOwnDatabase();
    pool = new pg.Pool({ connectionString: server.url, max: 1 });
    await pool.query("CREATE TABLE client_effects (delivery text NOT NULL)");
  });
  afterAll(async () => {
    await pool.end();
  });

  /** Receives one delivery once for each handler; the handler of attempt n is `handlers[n]`. */
  const receive = async (
    handlers: ((client: Client, deliveryId: string) => unknown)[],
    options: Omit<PostgresStoreOptions, "mode"> = {},
  ) => {
    const store = postgresStore(pool, { schema: newSchema(), ...options, mode: "transaction" });
    onTestFinished(() => store.close());
    await store.migrate();
    const outcomes: Outcome[] = [];
    let attempt = 0;
    const on: Handlers<{ client: Client }> = {
      "*": async (_event, { client, deliveryId }) => {
        await client.query("INSERT INTO client_effects VALUES ($1)", [deliveryId]);
        await handlers[attempt]!(client, deliveryId);
      },
    };
    const receiver = createReceiver({ secret, on, store, onOutcome: (outcome) => outcomes.push(outcome) });
    const delivery = signDelivery({ secret, event: createEvent("message.opened") });
    for (; attempt < handlers.length; attempt += 1) await receiver.receive(delivery);
    const sql = "SELECT * FROM client_effects WHERE delivery = $1";
    const { rowCount } = await pool.query(sql, [delivery.headers["webhook-id"]]);
    return { outcomes, codes: outcomes.map(({ code }) => code), effects: rowCount };
  };
  const succeed = () => undefined;

  type Attempt = (client: Client, sql: string) => unknown;
  const forms: [string, Attempt][] = [
    ["a string", (client, sql) => client.query(sql)],
    ["an object", (client, sql) => client.query({ text: sql })],
    ["an object with values", (client, sql) => client.query({ text: sql, values: [] }, [])],
    [
      "a callback",
      (client, sql) =>
        new Promise((resolve, reject) => {
          client.query(sql, (error: Error | null) => (error === null ? resolve(1) : reject(error)));
        }),
    ],
    [
      "values and a callback",
      (client, sql) =>
        new Promise((resolve, reject) => {
          client.query(sql, [], (error) => (error === null ? resolve(1) : reject(error)));
        }),
    ],
    [
      "an object that holds its callback",
      (client, sql) =>
        new Promise((resolve, reject) => {
          const callback = (error: Error | null) => (error === null ? resolve(1) : reject(error));
          void client.query({ text: sql, callback } as pg.QueryConfig);
        }),
    ],
    ["a query of pg", async (client, sql) => client.query(new pg.Query(sql))],
    ["a cursor", async (client, sql) => client.query(new Cursor(sql))],
    ["a stream", async (client, sql) => client.query(new QueryStream(sql))],
    ["one of several statements", (client, sql) => client.query(`SELECT 1; ${sql}`)],
    ["a comment in front", (client, sql) => client.query(`/* last */ -- one\n ${sql.toLowerCase()}`)],
  ];
  it.each(forms)(
    "rejects COMMIT as %s, so that a later error rolls everything back",
    async (_form, attempt) => {
      const {
        outcomes,
        codes,
        effects: kept,
      } = await receive([
        async (client) => {
          await attempt(client, "COMMIT");
          throw new Error("unreachable");
        },
        succeed,
      ]);
      expect(codes).toEqual(["handler_failed", "handled"]);
      expect(outcomes[0]).toMatchObject({
        error: {
          cause: {
            message: expect.stringMatching(
              /^COMMIT through context\.client is not allowed, .*: leave transactions to the store/,
            ) as string,
          },
        },
      });
      expect(kept).toBe(1);
    },
  );

  it.each(forms)(
    "fails the delivery if the handler catches the rejection of COMMIT as %s",
    async (_form, attempt) => {
      const {
        outcomes,
        codes,
        effects: kept,
      } = await receive([
        async (client) => {
          await Promise.resolve(attempt(client, "COMMIT")).catch(() => undefined);
        },
        succeed,
      ]);
      expect(codes).toEqual(["handler_failed", "handled"]);
      expect(outcomes[0]).toMatchObject({
        error: {
          message: expect.stringMatching(
            /^The transaction was rolled back\. COMMIT through context\.client /,
          ) as string,
        },
      });
      expect(kept).toBe(1);
    },
  );

  it.each(["BEGIN", "START TRANSACTION", "END", "ABORT", "ROLLBACK", "PREPARE TRANSACTION 'a'"])(
    "rejects %s",
    async (sql) =>
      expect((await receive([(client) => client.query(sql), succeed])).codes).toEqual([
        "handler_failed",
        "handled",
      ]),
  );

  it("rejects the name of a prepared statement that is COMMIT", async () => {
    await pool.query({ name: "finish", text: "COMMIT" });
    const { codes, effects: kept } = await receive([
      async (client) => {
        await client.query({ name: "finish" } as pg.QueryConfig);
        throw new Error("after COMMIT");
      },
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled"]);
    expect(kept).toBe(1);
  });

  it("fails the delivery if the handler ignores the rejected promise, without an unhandled rejection", async () => {
    const { codes } = await receive([(client) => void client.query("COMMIT"), succeed]);
    expect(codes).toEqual(["handler_failed", "handled"]);
  });

  it("allows savepoints", async () => {
    const { codes, effects: kept } = await receive([
      async (client, deliveryId) => {
        await client.query("SAVEPOINT mine");
        await client.query("INSERT INTO client_effects VALUES ($1)", [deliveryId]);
        await client.query("ROLLBACK TO SAVEPOINT mine");
        await client.query("SAVEPOINT other; RELEASE other");
      },
    ]);
    expect(codes).toEqual(["handled"]);
    expect(kept).toBe(1);
  });

  it("supports cursors, streams, listeners and instanceof", async () => {
    const { codes, outcomes } = await receive([
      async (client) => {
        expect(client).toBeInstanceOf(pg.Client);
        expect(client.on("notice", () => undefined)).toBe(client);
        const cursor = client.query(new Cursor("SELECT generate_series(1, 3) AS n"));
        expect(await cursor.read(2)).toEqual([{ n: 1 }, { n: 2 }]);
        await cursor.close();
        const rows: unknown[] = [];
        for await (const row of client.query(new QueryStream("SELECT 1 AS n"))) rows.push(row);
        expect(rows).toEqual([{ n: 1 }]);
        expect(client.escapeLiteral("it's")).toBe("'it''s'");
      },
    ]);
    expect(outcomes[0]).not.toHaveProperty("error");
    expect(codes).toEqual(["handled"]);
  });

  it("ignores release and end, which are left to the store", async () => {
    const { codes, effects: kept } = await receive([
      async (client, deliveryId) => {
        client.release();
        client.release(true);
        await (client as unknown as pg.Client).end();
        await client.query("INSERT INTO client_effects VALUES ($1)", [deliveryId]);
      },
      succeed,
    ]);
    expect(codes).toEqual(["handled", "duplicate"]);
    expect(kept).toBe(2);
  });

  it("keeps methods that a handler assigns off the client of the pool", async () => {
    const seen: unknown[] = [];
    const { codes } = await receive([
      async (client) => {
        const query = client.query.bind(client) as (sql: string) => Promise<unknown>;
        Object.assign(client, { query: (sql: string) => (seen.push(sql), query(sql)) });
        await client.query("SELECT 1");
      },
    ]);
    expect(codes).toEqual(["handled"]);
    await pool.query("SELECT 2");
    expect(seen).toEqual(["SELECT 1"]);
  });

  it("rejects queries after the transaction has ended, with one warning", async () => {
    const onWarning = vi.fn();
    let late: Client | undefined;
    const { codes, effects: kept } = await receive([(client) => void (late = client)], { onWarning });
    expect(codes).toEqual(["handled"]);
    for (const sql of ["DELETE FROM client_effects", "SELECT 1"]) {
      await expect(late!.query(sql)).rejects.toThrow(/has ended: await every query in the handler\.$/);
    }
    expect(onWarning).toHaveBeenCalledTimes(1);
    expect(kept).toBe(1);
  });

  it.each([
    ["COMMIT", "COMMIT"],
    ["COMMIT, BEGIN and a savepoint", "COMMIT; BEGIN; SAVEPOINT receipt"],
    ["ROLLBACK and BEGIN", "ROLLBACK; BEGIN"],
  ])("fails the delivery if the handler bypasses it to send %s", async (_what, sql) => {
    let raw: pg.PoolClient | undefined;
    const keep = (client: pg.PoolClient) => (raw = client);
    pool.on("acquire", keep);
    onTestFinished(() => void pool.off("acquire", keep));
    const { outcomes } = await receive([() => raw!.query(sql)]);
    expect(outcomes).toMatchObject([
      {
        code: "handler_failed",
        error: { message: expect.stringMatching(/leave COMMIT and ROLLBACK to the store/) as string },
      },
    ]);
  });

  it.each([
    ["a procedure that commits", "CALL commits()"],
    ["a block that commits", "DO $$ BEGIN COMMIT; END $$"],
  ])("fails the delivery after %s, even if the handler catches the error", async (_what, sql) => {
    await pool.query("CREATE OR REPLACE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$");
    const { codes, effects: kept } = await receive([
      (client) => client.query(sql).catch(() => undefined),
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled"]);
    expect(kept).toBe(1);
  });

  it("works with Drizzle, but rejects its own transactions", async () => {
    const {
      outcomes,
      codes,
      effects: kept,
    } = await receive([
      async (client, deliveryId) => {
        await drizzle(client).transaction((tx) => tx.insert(effects).values({ delivery: deliveryId }));
        throw new Error("an error after the inner transaction");
      },
      (client, deliveryId) => drizzle(client).insert(effects).values({ delivery: deliveryId }),
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled", "duplicate"]);
    expect(outcomes[0]).toMatchObject({ code: "handler_failed" });
    expect(kept).toBe(2);
  });

  it("works with Kysely, but rejects its own transactions", async () => {
    const kysely = (client: Client) =>
      new Kysely<{ clientEffects: { delivery: string } }>({
        dialect: new PostgresDialect({
          pool: {
            connect: () => Promise.resolve(client),
            end: () => Promise.resolve(),
          },
        }),
        plugins: [new CamelCasePlugin()],
      });
    const { codes, effects: kept } = await receive([
      async (client, delivery) => {
        const db = kysely(client);
        await db.transaction().execute((tx) => tx.insertInto("clientEffects").values({ delivery }).execute());
        throw new Error("an error after the inner transaction");
      },
      (client, delivery) => kysely(client).insertInto("clientEffects").values({ delivery }).execute(),
      succeed,
    ]);
    expect(codes).toEqual(["handler_failed", "handled", "duplicate"]);
    expect(kept).toBe(2);
  });
});
