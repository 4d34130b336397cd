import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Inbox, PermanentError } from "@ahasend-webhooks/core";
import {
  type TestServer,
  createDatabase,
  hasPostgres,
  hasRedis,
  required,
  startPostgres,
  startRedis,
} from "@ahasend-webhooks/harness";
import { root } from "@ahasend-webhooks/harness/workspace";
import { bullmqInbox } from "@ahasend-webhooks/inbox-bullmq";
import { pgBossInbox } from "@ahasend-webhooks/inbox-pg-boss";
import { postgresInbox } from "@ahasend-webhooks/store-postgres";
import { sqliteInbox } from "@ahasend-webhooks/store-sqlite";
import { WorkerUnderTest, createDelivery } from "@ahasend-webhooks/testing";
import { Queue, createPostgresBackend } from "bullmq";
import { Redis } from "ioredis";
import Database from "libsql";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const main = join(root, "packages/emulator/dist/cli/main.js");

interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs `ahasend-webhooks inbox` in this folder, which has all engines installed. */
function run(args: readonly string[], { cwd = join(import.meta.dirname, ".."), env = {} }: RunOptions = {}) {
  const options = { cwd, env: { PATH: process.env["PATH"], ...env } };
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [main, "inbox", ...args], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** Accepts deliveries, of which a worker makes dead letters one after the other, until it is repaired. */
async function work(inbox: Inbox, ids: readonly string[]) {
  let isRepaired = false;
  const worker = new WorkerUnderTest(inbox, () => {
    if (!isRepaired) throw new PermanentError(`no such customer ${HOSTILE}`);
  });
  onTestFinished(() => worker.close());
  for (const [index, id] of ids.entries()) {
    await inbox.accept(createDelivery(id, { rawBody: Buffer.from(`{"type":"a","data":"${HOSTILE}"}`) }));
    await worker.ended(index + 1);
  }
  return { worker, repair: () => (isRepaired = true) };
}

/** Characters that would clear a terminal, and turn the direction of its text around. */
const HOSTILE = "\u009b2J \u202e";

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Lists, replays the first dead letter and discards the other one, beside a worker. */
async function operate(inbox: Inbox, target: readonly string[]): Promise<void> {
  const { worker, repair } = await work(inbox, ["first", "second"]);
  repair();
  const listed = await run(["list", "--json", ...target]);
  expect(listed).toMatchObject({ status: 0, stderr: "" });
  const letters = listed.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; deliveryId: string });
  expect(letters).toMatchObject([
    { kind: "deadLetter", deliveryId: "first", type: "message.bounced", attempts: 1 },
    { kind: "deadLetter", deliveryId: "second", endpoint: "default" },
  ]);
  expect(await run(["replay", letters[0]!.id, ...target])).toEqual({
    status: 0,
    stdout: "1 replayed\n",
    stderr: "",
  });
  await worker.ended(3);
  expect(worker.ids.at(-1)).toBe("first");
  const discarded = await run(["discard", "--all", "--yes", "--json", ...target]);
  expect(JSON.parse(discarded.stdout)).toEqual({ kind: "discarded", count: 1, missing: 0 });
  expect(await inbox.stats()).toMatchObject({ deadLetters: 0 });
}

describe("ahasend-webhooks inbox on a SQLite file", () => {
  function openFile() {
    const file = join(createFolder(), "desk.db");
    const db = new Database(file);
    const inbox = sqliteInbox(db);
    onTestFinished(() => {
      inbox.close();
      db.close();
    });
    return { file, inbox };
  }

  it("operates it beside the app that has it locked, without a character that a terminal obeys", async () => {
    const { file, inbox } = openFile();
    await work(inbox, ["first", "second"]);
    const target = ["--database", file];
    const stats = await run(["stats", ...target]);
    expect(stats).toEqual({ status: 0, stdout: "waiting 0 · active 0 · dead letters 2\n", stderr: "" });
    const { stdout } = await run(["list", "--limit", "1", ...target]);
    expect(stdout).toMatch(
      /^id +type +received +attempts +error\n1 +message\.bounced +\S+Z +1 +PermanentError: no such customer \\u\{9b\}2J \\u\{202e\}\nThere are more/,
    );
    const inspected = await run(["inspect", "2", ...target]);
    expect(inspected.stdout).toMatch(
      /^id +2$.*^delivery +second$.*^error +PermanentError.*^ {2}"type": "a",$/ms,
    );
    expect(inspected.stdout).toContain(String.raw`"data": "\u009b2J \u202e"`);
    expect(inspected.stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const raw = await run(["inspect", "2", "--raw", ...target]);
    expect(raw.stdout).toBe(`{"type":"a","data":"${HOSTILE}"}`);
    expect(await run(["inspect", "3", ...target])).toMatchObject({ status: 1, stdout: "" });
    const env = { DATABASE_URL: file };
    expect(await run(["replay", "1", "3"], { env })).toMatchObject({
      status: 1,
      stdout: /^1 replayed, 1 not found/,
    });
  });

  it("replays and discards only what is named, and all of it only when that is confirmed", async () => {
    const { file } = openFile();
    const target = ["--database", file];
    for (const args of [["discard", "--all"], ["discard"], ["replay"], ["replay", "1", "--all"]]) {
      const { status, stderr } = await run([...args, ...target]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^error: .*--(yes|all)\.\n$/) as string,
      });
    }
  });

  it("creates no file, and changes no file of something else", async () => {
    const folder = createFolder();
    const missing = await run(["stats", "--database", "missing.db"], { cwd: folder });
    expect(missing).toMatchObject({ status: 2, stderr: /^error: The file missing\.db does not exist/ });
    expect(readdirSync(folder)).toEqual([]);
    const directory = await run(["stats", "--database", folder]);
    expect(directory).toMatchObject({
      status: 2,
      stderr: `error: ${folder} is not a file: correct --database.\n`,
    });
    const foreign = await run(["stats", "--database", join(root, "package.json")]);
    expect(foreign).toMatchObject({ status: 2, stderr: /is not a database of SQLite/ });
  });
});

describe.skipIf(!required("Redis", hasRedis()))("ahasend-webhooks inbox on Redis", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  it("operates a queue of BullMQ beside a worker", async () => {
    const queue = new Queue("desk", { connection: { port: server.port }, prefix: "own" });
    onTestFinished(() => queue.close());
    await operate(bullmqInbox(queue), ["--redis", server.url, "--queue", "desk", "--prefix", "own"]);
  });

  it("refuses a queue that does not exist, and does not create it", async () => {
    const { status, stderr } = await run(["stats"], { env: { REDIS_URL: server.url } });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "error: BullMQ has no queue ahasend there: use --queue with the name of the queue.\n",
    });
    const client = new Redis(server.port);
    onTestFinished(() => client.disconnect());
    expect(await client.keys("bull:*")).toEqual([]);
  });
});

describe.skipIf(!required("PostgreSQL", hasPostgres()))("ahasend-webhooks inbox on PostgreSQL", () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startPostgres()), 60_000);
  afterAll(() => server.stop());

  it("operates the table of postgresInbox beside a worker", async () => {
    const pool = new pg.Pool({ connectionString: server.url });
    const inbox = postgresInbox(pool, { schema: "mail" });
    await inbox.migrate();
    onTestFinished(async () => {
      inbox.close();
      await pool.end();
    });
    await operate(inbox, ["--database", server.url, "--schema", "mail"]);
  });

  it("operates the queues of pg-boss beside a worker", async () => {
    const boss = new PgBoss({ connectionString: server.url, supervise: false, schedule: false });
    boss.on("error", () => undefined);
    await boss.start();
    onTestFinished(() => boss.stop({ graceful: false }));
    await operate(pgBossInbox(boss), ["--database", server.url, "--pg-boss"]);
  });

  it("operates a queue of BullMQ beside a worker", async () => {
    const connection = { connectionString: server.url, migrate: true };
    const queue = new Queue("desk", { connection }, createPostgresBackend);
    onTestFinished(() => queue.close());
    await operate(bullmqInbox(queue), ["--database", server.url, "--bullmq", "--queue", "desk"]);
  });

  it("refuses a database without an inbox and creates nothing in it, whatever the engine", async () => {
    const url = await createDatabase(server, "empty");
    const messages = {
      "": /migrate\(\) at start/,
      "--pg-boss": /use --schema, or start your app first\.$/m,
      "--bullmq": /migrat/,
    };
    for (const [flag, message] of Object.entries(messages)) {
      const { status, stderr } = await run(["stats", "--database", url, ...(flag === "" ? [] : [flag])]);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(message) as string });
    }
    const client = new pg.Client(url);
    await client.connect();
    onTestFinished(() => client.end());
    const { rows } = await client.query(
      "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)'",
    );
    expect(rows).toEqual([{ nspname: "public" }]);
  });
});

describe("ahasend-webhooks inbox", () => {
  it("names the packages to install in a folder without them", async () => {
    const cwd = createFolder();
    const { status, stderr } = await run(["stats", "--database", "postgres://localhost/app"], { cwd });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/npm install @ahasend-webhooks\/store-postgres pg first\.\n$/) as string,
    });
  });

  it("hides the password of a server that cannot be reached", async () => {
    const url = "postgres://app:geheim%21@127.0.0.1:1/desk";
    const { status, stderr } = await run(["stats", "--database", url]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "error: postgres://***@127.0.0.1:1/desk cannot be used (connect ECONNREFUSED 127.0.0.1:1): start the server, or correct the URL.\n",
    });
  });
});
