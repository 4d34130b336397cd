import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { App } from "./apps.js";
import { Effects } from "./effects.js";
import { Program } from "@ahasend-webhooks/harness/program";
import { type Scene, createScenes } from "./scenes.js";

/** What came of a scene. */
export interface Result {
  scene: Scene;
  status: number;
  /** What the app did, in words. */
  did: string;
  asExpected: boolean;
}

/** An example app that runs in a folder of its own. */
export interface RunningApp {
  /** Where its page is. */
  url: string;
  secret: string;
  program: Program;
  effects: Effects;
  /** Ends it gracefully and removes its folder. @returns its exit status */
  stop(): Promise<number | null>;
}

/** Starts an example app on a free port, as its own process. */
export async function startApp({ path, env }: App): Promise<RunningApp> {
  const secret = `aha-whsec-${randomBytes(24).toString("base64url")}`;
  const dataDir = await mkdtemp(join(tmpdir(), "ahasend-webhooks-demo-"));
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
    return { url: `http://127.0.0.1:${String(port)}/`, secret, program, effects: new Effects(dataDir), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns whether an app ended as it should after SIGTERM, which ends a process on Windows at once and without a status. */
export function endedWell(status: number | null, platform: NodeJS.Platform): boolean {
  return status === 0 || (status === null && platform === "win32");
}

/** Delivers every scene in turn and tells each result as it comes. */
export async function playScenes(app: RunningApp, tell: (result: Result) => void): Promise<boolean> {
  let allAsExpected = true;
  for (const scene of createScenes(app.secret)) {
    const linesBefore = app.program.log.length;
    const { headers, body } = scene.delivery;
    const response = await fetch(new URL("webhooks/ahasend", app.url), { method: "POST", headers, body });
    await response.arrayBuffer();
    const line = await app.program.line(
      (line, index) => index >= linesBefore && line["deliveryId"] === headers["webhook-id"],
    );
    const done = app.effects.next();
    const did =
      done.length > 0
        ? done.join(", ")
        : line.msg === "refused"
          ? `refused: ${String(line["code"])}`
          : line.msg;
    const asExpected = response.status === scene.status && scene.did.test(did);
    allAsExpected &&= asExpected;
    tell({ scene, status: response.status, did, asExpected });
  }
  return allAsExpected;
}
