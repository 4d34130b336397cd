import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished, vi } from "vitest";

import { createProgram } from "../../src/cli/create-program.js";
import { run as runProgram } from "../../src/cli/run.js";
import { secret } from "../helpers.js";

/** The built program, as `npx @ahasend-webhooks/emulator` starts it. */
export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const secretInEnv = { AHASEND_WEBHOOK_SECRET: secret };

interface RunOptions {
  /** @default the secret of these tests in AHASEND_WEBHOOK_SECRET */
  env?: Record<string, string>;
}

interface ProcessOptions extends RunOptions {
  /** The content of stdin. */
  input?: string | Uint8Array;
  /** Every file that the program writes to is as on a full disk. */
  diskIsFull?: boolean;
}

/** Parses what the program has printed: JSON values, one per line. */
function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The program as a separate process. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = "";
  stderr = "";

  constructor(
    args: readonly string[],
    { env = secretInEnv, input = "", diskIsFull = false }: ProcessOptions = {},
  ) {
    const limited = ["--norc", "-c", 'ulimit -S -f 0; exec "$0" "$@"', process.execPath];
    const [command, before] = diskIsFull ? ["bash", limited] : [process.execPath, []];
    this.#child = spawn(command, [...before, main, ...args], {
      env: { PATH: process.env["PATH"], ...env },
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#child.stdin?.on("error", () => undefined).end(input);
    this.#ended = once(this.#child, "close");
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** Resolves when the program has printed the text. */
  async prints(text: string): Promise<void> {
    await vi.waitFor(() => {
      if (!this.stdout.includes(text)) throw new Error(`Not printed: ${text}\n${this.stdout}${this.stderr}`);
    }, 20_000);
  }

  /** The JSON values that the program has printed, one per line. */
  get data(): Record<string, unknown>[] {
    return parseLines(this.stdout);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when the program has ended. @returns its exit code */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }
}

/** Runs the program as a process until it ends. */
export async function runProcess(args: readonly string[], options?: ProcessOptions) {
  const program = new Program(args, options);
  const status = await program.ended();
  return { status, stdout: program.stdout, stderr: program.stderr };
}

let isRunning = false;

/**
 * Runs the program in this process until its command has ended: most commands take less time than the start of a process.
 * One at a time, because they share its streams, variables and exit code.
 */
export async function run(args: readonly string[], { env = secretInEnv }: RunOptions = {}) {
  if (isRunning) throw new Error("Another command is running in this process: await it, or use runProcess.");
  isRunning = true;
  const { argv, env: ownEnv, exitCode, stdout } = process;
  const listeners = stdout.listeners("error");
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    }),
  );
  process.argv = [process.execPath, main, ...args];
  process.env = { PATH: ownEnv["PATH"], ...env };
  process.exitCode = 0;
  try {
    await runProgram(createProgram());
    return {
      status: process.exitCode,
      ...written,
      /** The JSON values that the program has printed, one per line. */
      get data() {
        return parseLines(written.stdout);
      },
    };
  } finally {
    isRunning = false;
    for (const spy of spies) spy.mockRestore();
    for (const listener of stdout.listeners("error"))
      if (!listeners.includes(listener)) stdout.off("error", listener as () => void);
    Object.assign(process, { argv, env: ownEnv, exitCode });
  }
}

/** Writes files to a folder that is removed when the test ends. @returns the paths of the files */
export function files<Name extends string>(
  contents: Record<Name, string | Uint8Array>,
): Record<Name, string> {
  const folder = mkdtempSync(join(tmpdir(), "ahasend-webhooks-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const paths = Object.entries<string | Uint8Array>(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return [name, path];
  });
  return Object.fromEntries(paths) as Record<Name, string>;
}
