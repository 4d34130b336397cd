import { mkdirSync, renameSync, rmSync, rmdirSync, writeFileSync } from "node:fs";

import { PermanentError, createReceiver } from "@ahasend-webhooks/core";
import { createEvent, signDelivery } from "@ahasend-webhooks/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { type SqliteInboxOptions, type SqliteLike, sqliteInbox, sqliteStore } from "../src/index.js";
import { createFile, drivers, openDatabase } from "./drivers.js";
import { InboxWorker, createDelivery } from "./inbox-worker.js";

const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

function open(db: SqliteLike, options: SqliteInboxOptions = {}) {
  const inbox = sqliteInbox(db, options);
  onTestFinished(() => inbox.close());
  return inbox;
}

/** Records the SQL that runs on a connection. */
function record(db: SqliteLike) {
  const sqls: string[] = [];
  const reads: { sql: string; values: unknown[] }[] = [];
  const recorded: SqliteLike = {
    exec(sql) {
      sqls.push(sql);
      return db.exec(sql);
    },
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        run(...values) {
          sqls.push(sql);
          return statement.run(...values);
        },
        all(...values) {
          sqls.push(sql);
          reads.push({ sql, values });
          return statement.all(...values);
        },
      };
    },
  };
  return {
    db: recorded,
    sqls,
    reads,
    count: (part: string) => sqls.filter((sql) => sql.includes(part)).length,
  };
}

describe.each(Object.keys(drivers))("on %s", (driver) => {
  it("flushes every transaction to the disk", () => {
    const db = openDatabase(driver, createFile());
    open(db);
    expect(db.prepare("PRAGMA main.journal_mode").all()).toMatchObject([{ journal_mode: "wal" }]);
    // NORMAL: the log is flushed by us, beside the event loop.
    expect(db.prepare("PRAGMA main.synchronous").all()).toMatchObject([{ synchronous: 1 }]);
  });

  it.each([
    ["lets the log grow beyond the default of SQLite", 1000, 4000],
    ["leaves the length of the log to the user", 500, 500],
  ])("%s", (_, before, after) => {
    const db = openDatabase(driver, createFile());
    db.exec(`PRAGMA wal_autocheckpoint = ${before}`);
    open(db);
    expect(db.prepare("PRAGMA wal_autocheckpoint").all()).toMatchObject([{ wal_autocheckpoint: after }]);
  });

  it.each([
    ["deletes", "-wal", (path: string) => rmSync(path)],
    ["replaces", "-wal", (path: string) => [renameSync(path, `${path}-moved`), writeFileSync(path, "")]],
    ["deletes", "", (path: string) => rmSync(path)],
    ["restores", "", (path: string) => [renameSync(path, `${path}-moved`), writeFileSync(path, "")]],
  ])("accepts nothing when somebody %s the file …%s, because it would be lost", async (_, suffix, change) => {
    const file = createFile();
    const inbox = open(openDatabase(driver, file));
    await inbox.accept(createDelivery("msg_1"));
    change(`${file}${suffix}`);
    await expect(inbox.accept(createDelivery("msg_2"))).rejects.toThrow(
      new RegExp(`db${suffix} was deleted or replaced .* restart the process\\..* with VACUUM INTO\\.$`),
    );
  });

  it("ends what it is writing when the connection is closed, which may delete the log", async () => {
    const file = createFile();
    const db = openDatabase(driver, file);
    const closing = {
      prepare: (sql: string) => db.prepare(sql),
      exec(sql: string) {
        db.exec(sql);
        // Before the log is opened.
        if (sql === "COMMIT" && isClosing) process.nextTick(() => db.close());
      },
    };
    let isClosing = false;
    const inbox = open(closing);
    isClosing = true;
    await expect(inbox.accept(createDelivery("msg_1"))).resolves.toBe("accepted");
    const rows = openDatabase(driver, file).prepare("SELECT delivery_id FROM ahasend_inbox").all();
    expect(rows).toMatchObject([{ delivery_id: "msg_1" }]);
  });

  it("accepts deliveries after the connection was closed and opened again", async () => {
    const file = createFile();
    const first = openDatabase(driver, file);
    let current = first;
    const reopened = {
      prepare: (sql: string) => current.prepare(sql),
      exec: (sql: string) => current.exec(sql),
    };
    const inbox = open(reopened);
    await inbox.accept(createDelivery("msg_1"));
    inbox.close();
    first.close();
    current = openDatabase(driver, file);
    await expect(open(reopened).accept(createDelivery("msg_1"))).resolves.toBe("duplicate");
  });

  it("accepts nothing that could not be flushed", async () => {
    const file = createFile();
    const inbox = open(openDatabase(driver, file));
    // A folder in the place of the log cannot be flushed.
    renameSync(`${file}-wal`, `${file}-moved`);
    mkdirSync(`${file}-wal`);
    await expect(inbox.accept(createDelivery("msg_1"))).rejects.toThrow(/EISDIR/);
    rmdirSync(`${file}-wal`);
    renameSync(`${file}-moved`, `${file}-wal`);
    await expect(inbox.accept(createDelivery("msg_1"))).resolves.toBe("duplicate");
  });

  it("accepts what arrives in one turn of the event loop in one transaction", async () => {
    const { db, count } = record(openDatabase(driver));
    const inbox = open(db);
    const before = count("COMMIT");
    await Promise.all(Array.from({ length: 50 }, (_, index) => inbox.accept(createDelivery(String(index)))));
    expect(count("COMMIT") - before).toBe(1);
  });

  it("keeps neither the body nor the error of a handled delivery, and forgets it after retentionSeconds", async () => {
    let time = 1_784_041_401_000;
    const db = openDatabase(driver);
    const options = { now: () => time, retentionSeconds: 50_000, backoffSeconds: () => 0 };
    const inbox = open(db, options);
    await inbox.accept(createDelivery("a"));
    const worker = new InboxWorker(inbox, (_event, { attempt }) => {
      if (attempt === 1) throw new Error("personal");
    });
    await worker.ended(1);
    expect(db.prepare("SELECT state, body, error FROM ahasend_inbox").all()).toMatchObject([
      { state: "handled", body: null, error: null },
    ]);
    time += 50_000_000;
    expect(await inbox.sweep()).toBe(0);
    expect(await inbox.accept(createDelivery("a"))).toBe("duplicate");
    time += 1;
    expect(await inbox.sweep()).toBe(1);
    expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
  });

  it("rejects within a transaction of the application, says what to do, and leaves it open", async () => {
    const db = openDatabase(driver);
    const inbox = open(db);
    db.exec("CREATE TABLE theirs (value); BEGIN; INSERT INTO theirs VALUES (1)");
    await expect(inbox.accept(createDelivery("a"))).rejects.toThrow(/a connection to SQLite of its own/);
    db.exec("COMMIT");
    expect(db.prepare("SELECT value FROM theirs").all()).toHaveLength(1);
    expect(await inbox.accept(createDelivery("a"))).toBe("accepted");
  });

  it("replies 503 while the disk is full, and loses nothing that it has acknowledged", async () => {
    const db = openDatabase(driver, createFile());
    const inbox = open(db);
    const receiver = createReceiver({ secret, store: inbox, work: false, on: { "*": () => undefined } });
    const send = async () => {
      const event = createEvent("message.routing", { data: { subject: "x".repeat(20_000) } });
      return receiver.receive(signDelivery({ secret, event }));
    };
    const [{ page_count: pages } = {}] = db.prepare("PRAGMA page_count").all() as { page_count?: number }[];
    db.exec(`PRAGMA max_page_count = ${(pages ?? 0) + 40}`);
    const statuses: number[] = [];
    for (let status = 204; status === 204;) {
      const reply = await send();
      status = reply.status;
      statuses.push(status);
      if (status !== 204) expect(reply.body).toMatch(/inbox_unavailable/);
    }
    expect(statuses.at(-1)).toBe(503);
    db.exec("PRAGMA max_page_count = 1000000");
    expect((await send()).status).toBe(204);
    const acknowledged = statuses.length;
    expect((await inbox.stats()).waiting).toBe(acknowledged);
    const worker = new InboxWorker(inbox);
    await worker.ended(acknowledged);
    expect(new Set(worker.ids).size).toBe(acknowledged);
  });

  it("keeps what fits when one of several deliveries does not fit on the disk", async () => {
    const db = openDatabase(driver, createFile());
    const inbox = open(db);
    const [{ page_count: pages } = {}] = db.prepare("PRAGMA page_count").all() as { page_count?: number }[];
    db.exec(`PRAGMA max_page_count = ${(pages ?? 0) + 20}`);
    const large = createDelivery("large", { rawBody: Buffer.alloc(1_000_000) });
    const results = await Promise.allSettled([
      inbox.accept(createDelivery("small")),
      inbox.accept(large),
      inbox.accept(createDelivery("other")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await inbox.stats()).waiting).toBe(2);
  });

  it("writes a verdict as soon as it can, and does not repeat the handler", async () => {
    const file = createFile();
    const db = openDatabase(driver, file);
    const other = openDatabase(driver, file);
    const onWarning = vi.fn();
    const inbox = open(db, { onWarning });
    await inbox.accept(createDelivery("a"));
    const worker = new InboxWorker(inbox, () => {
      other.exec("BEGIN IMMEDIATE");
    });
    await vi.waitFor(() =>
      expect(onWarning).toHaveBeenCalledWith(expect.stringMatching(/not be written yet/)),
    );
    other.exec("ROLLBACK");
    await worker.ended(1);
    expect(worker.outcomes).toMatchObject([{ kind: "handled", attempt: 1 }]);
    expect(worker.outcomes[0]).not.toHaveProperty("storeError");
  });
});

it("makes a dead letter of a delivery whose process ended during its last attempt", async () => {
  const file = createFile();
  const db = openDatabase("libsql", file);
  const inbox = open(db, { maxAttempts: 1 });
  for (const id of ["poison", "behind"]) await inbox.accept(createDelivery(id, { orderingKey: "key" }));
  const worker = new InboxWorker(inbox, () => new Promise(() => undefined));
  await worker.started(1);
  // As after a crash: nobody has the lock, the row is active.
  await worker.close(0);
  const next = open(openDatabase("libsql", file), { maxAttempts: 1 });
  expect(await next.deadLetters.list()).toMatchObject([
    { deliveryId: "poison", error: expect.stringMatching(/The process ended/) as string },
  ]);
  const nextWorker = new InboxWorker(next);
  await nextWorker.ended(1);
  expect(nextWorker.ids).toEqual(["behind"]);
});

it("ignores the end of a handler whose delivery was left to the next worker", async () => {
  const db = openDatabase();
  const finish: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => finish.push(resolve));
  const first = open(db);
  for (const id of ["1", "2"]) await first.accept(createDelivery(id, { orderingKey: "key" }));
  const abandoned = new InboxWorker(first, wait);
  await abandoned.started(1);
  await abandoned.close(0);
  const inbox = open(db);
  const worker = new InboxWorker(inbox, wait);
  await worker.started(1);
  finish[0]?.();
  await abandoned.ended(1);
  expect(abandoned.outcomes[0]?.storeError?.cause).toMatchObject({
    message: expect.stringMatching(/left to the next worker/) as string,
  });
  expect(db.prepare("SELECT state FROM ahasend_inbox ORDER BY id").all()).toMatchObject([
    { state: "active" },
    { state: "blocked" },
  ]);
  finish[1]?.();
  await worker.started(2);
  finish[2]?.();
  await worker.ended(2);
  expect(worker.ids).toEqual(["1", "2"]);
});

it("keeps other processes away until its handlers have ended, also when it is closed before", async () => {
  const file = createFile();
  const inbox = open(openDatabase("libsql", file));
  await inbox.accept(createDelivery("a"));
  let finish = () => {};
  const worker = new InboxWorker(inbox, () => new Promise<void>((resolve) => (finish = resolve)));
  await worker.started(1);
  inbox.close();
  expect(() => sqliteInbox(openDatabase("libsql", file))).toThrow(/another process/);
  finish();
  await worker.close();
  expect(await open(openDatabase("libsql", file)).stats()).toMatchObject({ waiting: 0, active: 0 });
});

it("takes no delivery whose body a driver returns in an unknown type", async () => {
  const db = openDatabase();
  const strange: SqliteLike = {
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      const all: typeof statement.all = (...values) =>
        (statement.all(...values) as object[]).map((row) => ("body" in row ? { ...row, body: "text" } : row));
      return { run: (...values) => statement.run(...values), all };
    },
  };
  const onWarning = vi.fn();
  const inbox = open(strange, { onWarning });
  await inbox.accept(createDelivery("a"));
  const worker = new InboxWorker(inbox);
  await vi.waitFor(() => expect(onWarning).toHaveBeenCalledWith(expect.stringMatching(/a body as string/)));
  await worker.close();
  expect(await inbox.stats()).toMatchObject({ waiting: 1, active: 0 });
});

it("is alone with its file again when a worker starts after it was closed", async () => {
  const file = createFile();
  const inbox = open(openDatabase("libsql", file));
  await new InboxWorker(inbox).close();
  open(openDatabase("libsql", file)).close();
  const worker = new InboxWorker(inbox);
  expect(() => sqliteInbox(openDatabase("libsql", file))).toThrow(/another process/);
  await inbox.accept(createDelivery("a"));
  await worker.ended(1);
  await worker.close();
  open(openDatabase("libsql", file));
});

it("keeps several inboxes on one connection apart", async () => {
  const file = createFile();
  const db = openDatabase("libsql", file);
  const [one, other] = [open(db, { table: "one" }), open(db, { table: 'the "other"' })];
  await one.accept(createDelivery("a"));
  await other.accept(createDelivery("b"));
  const workers = [new InboxWorker(one), new InboxWorker(other)] as const;
  await Promise.all(workers.map((worker) => worker.ended(1)));
  expect(workers.map(({ ids }) => ids)).toEqual([["a"], ["b"]]);
  await workers[0].close();
  expect(() => sqliteInbox(openDatabase("libsql", file))).toThrow(/another process/);
  await workers[1].close();
  open(openDatabase("libsql", file));
});

it("refuses to hand out the deliveries of one table twice, and does not disturb who does", async () => {
  const db = openDatabase();
  const first = open(db);
  await first.accept(createDelivery("a"));
  let finish = () => {};
  const worker = new InboxWorker(first, () => new Promise<void>((resolve) => (finish = resolve)));
  await worker.started(1);
  const second = open(db);
  expect(() => new InboxWorker(second)).toThrow(/being handled already/);
  expect(await second.stats()).toMatchObject({ active: 1, waiting: 0 });
  finish();
  await worker.ended(1);
  expect(worker.ids).toEqual(["a"]);
});

it("handles replayed dead letters of an ordering key one at a time, and in the order of their arrival", async () => {
  const inbox = open(openDatabase());
  for (const id of ["1", "2", "3"]) await inbox.accept(createDelivery(id, { orderingKey: "key" }));
  const failing = new InboxWorker(inbox, () => {
    throw new PermanentError("not today");
  });
  await failing.ended(3);
  await failing.close();
  let running = 0;
  expect(await inbox.deadLetters.replay("all")).toBe(3);
  const worker = new InboxWorker(inbox, async () => {
    running += 1;
    await new Promise((resolve) => setImmediate(resolve));
    expect(running).toBe(1);
    running -= 1;
  });
  await worker.ended(3);
  expect(worker.outcomes.map(({ kind }) => kind)).toEqual(["handled", "handled", "handled"]);
  expect(worker.ids).toEqual(["1", "2", "3"]);
});

it("sleeps until a delivery is due whose type is not at its limit", async () => {
  const { db, reads } = record(openDatabase());
  const inbox = open(db, { concurrency: { "message.bounced": 1 } });
  for (const id of ["a", "b"]) await inbox.accept(createDelivery(id));
  const finish: (() => void)[] = [];
  const worker = new InboxWorker(inbox, () => new Promise<void>((resolve) => finish.push(resolve)));
  await worker.started(1);
  const isNextDue = ({ sql }: { sql: string }) => sql.includes("SELECT due_at");
  await vi.waitFor(() => expect(reads.filter(isNextDue)).not.toEqual([]));
  // Otherwise the second delivery, which has been due for a while, would be looked for without pause.
  expect(reads.findLast(isNextDue)?.values).toEqual(['["message.bounced"]', 1]);
  finish[0]?.();
  await worker.started(2);
  finish[1]?.();
  await worker.ended(2);
});

it("numbers no parameters, because better-sqlite3 takes them for names", async () => {
  const { db, sqls } = record(openDatabase());
  const prepared = {
    exec: (sql: string) => db.exec(sql),
    prepare: (sql: string) => (sqls.push(sql), db.prepare(sql)),
  };
  open(prepared);
  const store = sqliteStore(prepared);
  onTestFinished(() => store.close());
  await store.commit("a", "one", 1000);
  expect(sqls.length).toBeGreaterThan(20);
  expect(sqls.filter((sql) => /\?\d|[:@$]\w/.test(sql))).toEqual([]);
});

it("runs more than ten handlers at the same time without a warning of Node.js", async () => {
  const onProcessWarning = vi.fn();
  process.on("warning", onProcessWarning);
  onTestFinished(() => void process.off("warning", onProcessWarning));
  const file = createFile();
  const other = openDatabase("libsql", file);
  const onWarning = vi.fn();
  const inbox = open(openDatabase("libsql", file), { concurrency: 20, onWarning });
  await Promise.all(Array.from({ length: 20 }, (_, index) => inbox.accept(createDelivery(String(index)))));
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const worker = new InboxWorker(inbox, () => finished);
  await worker.started(20);
  other.exec("BEGIN IMMEDIATE");
  finish();
  await vi.waitFor(() => expect(onWarning).toHaveBeenCalledTimes(20));
  other.exec("ROLLBACK");
  await worker.ended(20);
  expect(onProcessWarning).not.toHaveBeenCalled();
});

it("handles what it is taking when it is closed, and nothing later", async () => {
  const inbox = open(openDatabase());
  await inbox.accept(createDelivery("a"));
  const worker = new InboxWorker(inbox);
  // The take is queued for the next turn of the event loop.
  await worker.close();
  expect(worker.outcomes).toMatchObject([{ kind: "handled" }]);
  expect(await inbox.stats()).toMatchObject({ active: 0, waiting: 0 });
});

it("refuses what is not a connection or a valid option, and says what to pass", () => {
  const db = openDatabase();
  const invalid: [unknown, unknown, RegExp][] = [
    ["ahasend.db", {}, /got a string: open the file/],
    [Promise.resolve(db), {}, /await it first/],
    [undefined, {}, /got undefined/],
    [{ executeMultiple() {} }, {}, /pass a Database of libsql/],
    [drivers["libsql"], {}, /pass a connection created with it/],
    [db, { table: "" }, /table must be/],
    [db, { table: "sqlite_inbox" }, /table must not begin/],
    [db, { retentionSeconds: 60 }, /retentionSeconds must be/],
    [db, { sweepIntervalSeconds: -1 }, /sweepIntervalSeconds must be/],
    [db, { onWarning: "console" }, /onWarning must be/],
    [db, { now: 5 }, /now must be/],
    [db, { concurency: 1 }, /concurency is not an option: did you mean concurrency\?$/],
  ];
  for (const [connection, options, message] of invalid) {
    expect(() => sqliteInbox(connection as SqliteLike, options as SqliteInboxOptions)).toThrow(message);
  }
});

it("says what to do when the table is that of something else", () => {
  const db = openDatabase();
  db.exec("CREATE TABLE ahasend_inbox (other TEXT)");
  expect(() => sqliteInbox(db)).toThrow(/set the option table to a name that is not in use/);
});
