import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AppProgram } from "@ahasend-webhooks/harness/apps";
import { Program } from "@ahasend-webhooks/harness/program";

import { Effects } from "./effects.js";
import { type Scene, createScenes } from "./scenes.js";
import type { StorageSettings } from "./storage-settings.js";

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
  program: Program;
  effects: Effects;
  /** Starts it again, with the same data folder, after it has ended. */
  restart(): Promise<RunningApp>;
  /** Stops it gracefully and removes its folder. @returns its exit status */
  stop(): Promise<number | null>;
}

/** Starts an example app on a free port, as its own process. @param settings its storage; by default a SQLite file */
export async function startApp(app: AppProgram, settings: StorageSettings = {}): Promise<RunningApp> {
  const secret = `aha-whsec-${randomBytes(24).toString("base64url")}`;
  const dataDir = await mkdtemp(join(tmpdir(), "ahasend-webhooks-demo-"));
  return startWith({ ...app, env: { ...app.env, ...settings } }, secret, dataDir);
}

async function startWith(app: AppProgram, secret: string, dataDir: string): Promise<RunningApp> {
  const { path, env } = app;
  const program = Program.start(path, {
    ...env,
    PORT: "0",
    AHASEND_WEBHOOK_SECRET: secret,
    DATA_DIR: dataDir,
  });
  const stop = async (): Promise<number | null> => {
    program.signal("SIGTERM");
    const status = await program.ended();
    await rm(dataDir, { recursive: true, force: true });
    return status;
  };
  try {
    const { port } = await program.line(({ msg }) => msg === "listening");
    const url = `http://127.0.0.1:${String(port)}/`;
    const restart = () => startWith(app, secret, dataDir);
    const effects = await Effects.open(dataDir, env["DATABASE_URL"]);
    return { url, secret, program, effects, restart, stop };
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
    const linesBefore = app.program.log.length;
    const { headers, body } = scene.delivery;
    const response = await fetch(new URL("webhooks/ahasend", app.url), { method: "POST", headers, body });
    await response.arrayBuffer();
    const line = await app.program.line(
      // An inbox acknowledges a delivery before it is handled.
      ({ msg, deliveryId }, index) =>
        index >= linesBefore && deliveryId === headers["webhook-id"] && msg !== "accepted",
    );
    const effects = await app.effects.next();
    const outcome = line.msg === "refused" ? `refused: ${String(line["code"])}` : line.msg;
    const reaction = effects.length > 0 ? effects.join(", ") : outcome;
    const asExpected = response.status === scene.status && scene.reaction.test(reaction);
    allAsExpected &&= asExpected;
    onResult({ scene, status: response.status, reaction, asExpected });
  }
  return allAsExpected;
}
