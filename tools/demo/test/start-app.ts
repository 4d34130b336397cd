import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AppProgram } from "@ahasend-webhooks/harness/apps";
import { Program } from "@ahasend-webhooks/harness/program";
import { type SignDeliveryOptions, signDelivery } from "@ahasend-webhooks/testing";

export const secret = "aha-whsec-Zk4vT9wQ2mX7bN1sL6pR3yC8dF5gH0jA";

/** Registers a clean-up: `onTestFinished` or `afterAll`. */
type OnEnd = (cleanUp: () => void | Promise<void>) => void;

/** Creates a data folder and removes it at the end. */
export async function createDataDir(onEnd: OnEnd): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-test-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts an example app, and kills it at the end if it still runs. */
export async function startApp({ path, env }: AppProgram, settings: Record<string, string>, onEnd: OnEnd) {
  const program = Program.start(path, { ...env, PORT: "0", AHASEND_WEBHOOK_SECRET: secret, ...settings });
  onEnd(() => program.signal("SIGKILL"));
  // Several apps start at the same time, on machines that are busy with other tests.
  const listening = await program.line(({ msg }) => msg === "listening", { timeoutSeconds: 60 });
  const port = Number(listening["port"]);
  const url = `http://127.0.0.1:${port}`;
  const page = async () => (await fetch(url)).text();
  const send = async (event: SignDeliveryOptions["event"], id?: string) => {
    const { headers, body } = signDelivery({ secret, event, ...(id !== undefined && { id }) });
    const response = await fetch(`${url}/webhooks/ahasend`, { method: "POST", headers, body });
    return { status: response.status, id: headers["webhook-id"] };
  };
  return {
    program,
    port,
    url,
    storage: listening["storage"],
    page,
    send,
    /** Sends a delivery and waits until it is handled. */
    deliver: async (event: SignDeliveryOptions["event"], id?: string) => {
      const linesBefore = program.log.length;
      const sent = await send(event, id);
      // An inbox acknowledges a delivery before it is handled.
      await program.line(
        ({ msg, deliveryId }, index) => index >= linesBefore && deliveryId === sent.id && msg !== "accepted",
      );
      return sent;
    },
    /** Presses the first button of the page with this label. */
    press: async (label: string, headers: Record<string, string> = { "sec-fetch-site": "same-origin" }) => {
      const [, action] = new RegExp(`formaction="([^"]+)">${label}<`).exec(await page()) ?? [];
      if (action === undefined) throw new Error(`The page has no button "${label}".`);
      return fetch(new URL(action, url), { method: "POST", headers, redirect: "manual" });
    },
  };
}

export type RunningApp = Awaited<ReturnType<typeof startApp>>;

/** Starts the worker of an example app, and kills it at the end if it still runs. */
export async function startWorker(
  { workerPath, env }: AppProgram,
  settings: Record<string, string>,
  onEnd: OnEnd,
): Promise<Program> {
  const program = Program.start(workerPath, { ...env, ...settings });
  onEnd(() => program.signal("SIGKILL"));
  await program.line(({ msg }) => msg === "working", { timeoutSeconds: 60 });
  return program;
}
