import { type ChildProcess, type SpawnOptions, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server for tests, on a free port of this machine. */
export interface TestServer {
  port: number;
  url: string;
  /** Ends it at once and without a checkpoint, as a crash would. */
  kill(): Promise<void>;
  /** Sends a signal to all its processes, such as SIGSTOP and later SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Starts it again on the same port, with what it had on disk, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it and removes what it had on disk. */
  stop(): Promise<void>;
}

/** Instructions to run one kind of server. */
interface ServerProgram {
  command: string;
  args: string[];
  folder: string;
  port: number;
  url: string;
  /** Runs it as another user. */
  user?: SpawnOptions;
  /** The signal that ends it at once, with its child processes. @default "SIGKILL" */
  killSignal?: NodeJS.Signals;
  /** Resolves when the server answers. */
  ready: () => Promise<void>;
}

class EndedError extends Error {}

/** While a server is away, its port may be that of an outgoing connection for a moment. */
const MAX_STARTS = 8;

/** Starts a server. */
export async function runServer(program: ServerProgram): Promise<TestServer> {
  const { killSignal = "SIGKILL" } = program;
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  let isKilled = false;
  const kill = async () => {
    isKilled = true;
    child?.kill(killSignal);
    await exited;
  };
  const startOnce = async () => {
    const started = spawn(program.command, program.args, { ...program.user, stdio: "ignore" });
    child = started;
    exited = once(started, "exit");
    await Promise.race([
      program.ready(),
      exited.then(() => {
        throw new EndedError(`${program.command} ended with status ${started.exitCode} before it answered.`);
      }),
    ]);
  };
  const start = async () => {
    isKilled = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return await startOnce();
      } catch (error) {
        if (!(error instanceof EndedError) || isKilled || tries === MAX_STARTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, tries * 100));
      }
    }
  };
  // An interrupted test run must not leave servers behind.
  const onExit = () => {
    child?.kill(killSignal);
    // It may write until it has ended.
    rmSync(program.folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", onExit);
  await start();
  return {
    port: program.port,
    url: program.url,
    kill,
    signal: (signal) => signalTree(child?.pid, signal),
    start,
    async stop() {
      await kill();
      process.removeListener("exit", onExit);
      // Not synchronously: a server has a thousand files, and tests beside this one need the event loop.
      await rm(program.folder, { recursive: true, force: true });
    },
  };
}

/** Sends a signal to a process, and then to those that it has started. */
function signalTree(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  const isThere = sendSignal(pid, signal);
  if (!isThere) return;
  const pairs = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  for (const pair of pairs) {
    const [child, parent] = pair.trim().split(/\s+/).map(Number);
    if (child !== undefined && parent === pid) sendSignal(child, signal);
  }
}

/** @returns whether the process existed */
function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Options of a server whose commits are durable. */
export interface ServerOptions {
  /** Keeps its data on a disk and waits for it, as in production. Without it, a loss of power would lose commits. @default false */
  durable?: boolean;
}

/** The folder of temporary files in memory, on Linux. */
const MEMORY = "/dev/shm";
/** Several servers at a time need less. Containers have 64 MB by default. */
const MEMORY_BYTES = 4e9;

/** Returns a folder for files that need not survive a loss of power: in memory if there is room, which saves most of the time. */
export function volatileFolder(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > MEMORY_BYTES ? MEMORY : tmpdir();
}

/** Creates a folder, owned by the user that the server runs as. */
export function temporaryFolder(user?: SpawnOptions, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, "ahasend-webhooks-"));
  if (user?.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Returns the first of these users, for servers that refuse to run as root. */
export function unprivileged(...names: string[]): SpawnOptions {
  if (process.getuid?.() !== 0) return {};
  for (const name of names) {
    const [uid, gid] = [readOutput("id", "-u", name), readOutput("id", "-g", name)];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return {};
}

/** Returns the version of a program, or `undefined` if it cannot be run. */
export const readVersion = (command: string): string | undefined => readOutput(command, "--version");

/** Outputs of programs. They do not change while tests run, and each start of a server asks for them. */
const outputs = new Map<string, string | undefined>();

function readOutput(command: string, ...args: string[]): string | undefined {
  const key = [command, ...args].join(" ");
  if (!outputs.has(key)) outputs.set(key, run(command, args));
  return outputs.get(key);
}

function run(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: "pipe" });
  } catch {
    return undefined;
  }
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Repeats `ask` until it resolves. @throws {Error} after 30 seconds */
export async function until(ask: () => Promise<unknown>, what: string): Promise<void> {
  const giveUpAt = Date.now() + 30_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw new Error(`${what} does not answer.`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
