import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AppProgram } from "@ahasend-webhooks/harness/apps";
import { type LogLine, Program } from "@ahasend-webhooks/harness/program";

import { Effects } from "./effects.js";
import { type Scene, createScenes } from "./scenes.js";
import { type StorageSettings, onSqlite } from "./storage-settings.js";

/** Result of a scene. */
export interface Result {
  scene: Scene;
  status: number;
  /** The app's reaction, in words. */
  reaction: string;
  asExpected: boolean;
}

/** An example app that runs with a temporary data folder. */
export interface RunningApp {
  /** The address of its page. */
  url: string;
  secret: string;
  /** The process that receives deliveries. */
  program: Program;
  /** The process that handles them: the same one, unless deliveries are kept on a server. */
  worker: Program;
  effects: Effects;
  /** Starts the worker again, with the same data, after it has ended. */
  restart(): Promise<RunningApp>;
  /** Stops it gracefully and removes its folder. @returns 0, or the exit status of a process that has another one */
  stop(): Promise<number | null>;
}

/** Starts an example app on a free port, as its own process; by default on a SQLite file. */
export async function startApp(app: AppProgram, storage: StorageSettings = onSqlite): Promise<RunningApp> {
  const secret = `aha-whsec-${randomBytes(24).toString("base64url")}`;
  const dataDir = await mkdtemp(join(tmpdir(), "ahasend-webhooks-demo-"));
  return start({ app, storage, secret, dataDir });
}

interface Plan {
  app: AppProgram;
  storage: StorageSettings;
  secret: string;
  dataDir: string;
}

/** @param accepting the process that still receives deliveries, if only its worker has ended */
async function start(plan: Plan, accepting?: Program): Promise<RunningApp> {
  const { app, storage, secret, dataDir } = plan;
  const env = { ...app.env, ...storage.env, DATA_DIR: dataDir };
  const own = { PORT: "0", AHASEND_WEBHOOK_SECRET: secret, WORK: storage.hasWorker ? "no" : "yes" };
  const program = accepting ?? Program.start(app.path, { ...env, ...own });
  const processes = new Set([program]);
  const stop = async (): Promise<number | null> => {
    for (const one of processes) one.signal("SIGTERM");
    const statuses = await Promise.all([...processes].map((one) => one.ended()));
    await rm(dataDir, { recursive: true, force: true });
    const unclean = statuses.find((status) => status !== 0);
    return unclean === undefined ? 0 : unclean;
  };
  try {
    const { port } = await program.line(({ msg }) => msg === "listening");
    const worker = storage.hasWorker ? Program.start(app.workerPath, env) : program;
    processes.add(worker);
    if (storage.hasWorker) await worker.line(({ msg }) => msg === "working");
    const url = `http://127.0.0.1:${String(port)}/`;
    const effects = await Effects.open(dataDir, storage.env["DATABASE_URL"]);
    const restart = () => start(plan, storage.hasWorker ? program : undefined);
    return { url, secret, program, worker, effects, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns whether an app ended cleanly after SIGTERM. On Windows, SIGTERM ends a process at once, without a status. */
export function isCleanExit(status: number | null, platform: NodeJS.Platform): boolean {
  return status === 0 || (status === null && platform === "win32");
}

/** Delivers every scene in turn and reports each result. @returns whether all were as expected */
export async function playScenes(app: RunningApp, onResult: (result: Result) => void): Promise<boolean> {
  let allAsExpected = true;
  for (const scene of createScenes(app.secret)) {
    const { headers, body } = scene.delivery;
    const isAbout = ({ deliveryId }: LogLine) => deliveryId === headers["webhook-id"];
    const linesBefore = app.program.log.length;
    const response = await fetch(new URL("webhooks/ahasend", app.url), { method: "POST", headers, body });
    await response.arrayBuffer();
    const reply = await app.program.line((line, index) => index >= linesBefore && isAbout(line));
    // An inbox acknowledges a delivery before it is handled.
    const line =
      reply.msg === "accepted"
        ? await app.worker.line((one) => isAbout(one) && one.msg !== "accepted")
        : reply;
    const effects = await app.effects.next(headers["webhook-id"]);
    const outcome = line.msg === "refused" ? `refused: ${String(line["code"])}` : line.msg;
    const reaction = effects.length > 0 ? effects.join(", ") : outcome;
    const asExpected = response.status === scene.status && scene.reaction.test(reaction);
    allAsExpected &&= asExpected;
    onResult({ scene, status: response.status, reaction, asExpected });
  }
  return allAsExpected;
}
