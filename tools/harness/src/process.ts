import { type ChildProcess, type SpawnOptions, execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server of the tests' own, on a free port of this machine. */
export interface TestServer {
  port: number;
  url: string;
  /** Ends it at once and without a checkpoint, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had on disk, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it and removes what it had on disk. */
  stop(): Promise<void>;
}

/** Settings to run one kind of server. */
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

/** Starts a server and gives the handle to it. */
export async function runServer(program: ServerProgram): Promise<TestServer> {
  const { killSignal = "SIGKILL" } = program;
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  const kill = async () => {
    child?.kill(killSignal);
    await exited;
  };
  const start = async () => {
    const started = spawn(program.command, program.args, { ...program.user, stdio: "ignore" });
    child = started;
    exited = once(started, "exit");
    await Promise.race([
      program.ready(),
      exited.then(() => {
        throw new Error(`${program.command} ended with status ${started.exitCode} before it answered.`);
      }),
    ]);
  };
  // A test run that is cut short must not leave servers behind.
  const onExit = () => child?.kill(killSignal);
  process.once("exit", onExit);
  await start();
  return {
    port: program.port,
    url: program.url,
    kill,
    start,
    async stop() {
      await kill();
      process.removeListener("exit", onExit);
      rmSync(program.folder, { recursive: true, force: true });
    },
  };
}

/** A new folder, owned by the user that the server runs as. */
export function temporaryFolder(user?: SpawnOptions): string {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-"));
  if (user?.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Servers that refuse to run as root run as one of these. */
export function unprivileged(...names: string[]): SpawnOptions {
  if (process.getuid?.() !== 0) return {};
  for (const name of names) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }).toString());
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // The next name.
    }
  }
  return {};
}

/** Returns whether a program can be run. */
export function canRun(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Asks until there is an answer. */
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
