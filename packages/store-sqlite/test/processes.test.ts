import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it, onTestFinished, vi } from "vitest";

import { type SqliteInbox, sqliteInbox } from "../src/index.js";
import { createFile, openDatabase } from "./drivers.js";
import { InboxWorker, createDelivery } from "./inbox-worker.js";

const program = fileURLToPath(new URL("./fixtures/inbox.mjs", import.meta.url));

interface Message {
  ready?: true;
  accepted?: string;
  refused?: string;
}

/** Starts a process with an inbox, which accepts `count` deliveries. */
function start(file: string, prefix: string, count?: number) {
  const child = fork(program, [file, prefix, ...(count === undefined ? [] : [String(count)])]);
  const messages: Message[] = [];
  let wake = () => {};
  child.on("message", (message: Message) => {
    messages.push(message);
    wake();
  });
  const exited = once(child, "exit").then(() => wake());
  onTestFinished(() => kill(child, exited));
  return {
    messages,
    kill: () => kill(child, exited),
    /** Waits until a message of the process matches. */
    async until(matches: (message: Message, index: number) => boolean): Promise<Message> {
      for (;;) {
        const message = messages.find(matches);
        if (message !== undefined) return message;
        if (child.exitCode !== null || child.signalCode !== null) throw new Error("The process has ended.");
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

async function kill(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}

/** Works on what is left in an inbox, and returns the ids of what was handled then and before. */
async function workOff(file: string, inbox: SqliteInbox): Promise<Set<string>> {
  const worker = new InboxWorker(inbox);
  const { waiting } = await inbox.stats();
  await worker.ended(waiting);
  await worker.close();
  const before = readFileSync(`${file}.effects`, "utf8").split("\n");
  return new Set([...before, ...worker.ids]);
}

it("refuses a second process, and lets the next one start as soon as the first is killed", async () => {
  const file = createFile();
  const first = start(file, "first", 8);
  await first.until(({ accepted }) => accepted !== undefined);
  const second = start(file, "second", 0);
  const { refused } = await second.until((message) => message.refused !== undefined);
  expect(refused).toMatch(/is the inbox of another process.* let one process use it/);
  expect(() => sqliteInbox(openDatabase("libsql", file))).toThrow(/another process/);
  await first.kill();
  const third = start(file, "third", 4);
  await third.until(({ accepted }) => accepted === "third-3");
  await third.kill();
  const inbox = sqliteInbox(openDatabase("libsql", file));
  onTestFinished(() => inbox.close());
  expect([...(await workOff(file, inbox))]).toEqual(expect.arrayContaining(["third-0", "third-3"]));
});

it("handles nothing more when another process has got in because this one has read its files", async () => {
  const file = createFile();
  const warnings: string[] = [];
  const inbox = sqliteInbox(openDatabase("libsql", file), {
    onWarning: (message) => void warnings.push(message),
  });
  onTestFinished(() => inbox.close());
  // As a backup of the folder does. The system ends the locks of the process on what it closes.
  for (const name of ["", "-wal", "-shm", "-lock"]) readFileSync(`${file}${name}`);
  const second = start(file, "second", 0);
  await second.until(({ ready }) => ready === true);
  const worker = new InboxWorker(inbox);
  await vi.waitFor(() => expect(warnings).not.toEqual([]), 5000);
  expect(warnings[0]).toMatch(
    /has become the inbox of another process.*: end one of them\..* VACUUM INTO\.$/,
  );
  await inbox.accept(createDelivery("a"));
  await vi.waitFor(() => expect(readFileSync(`${file}.effects`, "utf8")).toBe("a\n"), 5000);
  expect(worker.ids).toEqual([]);
});

it("loses no delivery that it has acknowledged when its process is killed again and again", async () => {
  const file = createFile();
  const accepted: string[] = [];
  for (const run of [1, 2, 3, 4, 5]) {
    const child = start(file, `run${run}`);
    await child.until((message, index) => message.accepted !== undefined && index >= 60 * run);
    await child.kill();
    accepted.push(...child.messages.flatMap((message) => message.accepted ?? []));
  }
  const inbox = sqliteInbox(openDatabase("libsql", file));
  onTestFinished(() => inbox.close());
  const handled = await workOff(file, inbox);
  expect(accepted.length).toBeGreaterThanOrEqual(900);
  expect(accepted.filter((id) => !handled.has(id))).toEqual([]);
  expect(await inbox.stats()).toMatchObject({ waiting: 0, active: 0, deadLetters: 0 });
});
