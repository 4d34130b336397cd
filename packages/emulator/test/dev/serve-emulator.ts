import { onTestFinished } from "vitest";

import { startDevServer } from "../../src/dev/server.js";
import type { EmulatorOptions } from "../../src/index.js";
import { openEmulator, sendingTo } from "../helpers.js";

/** The fields of a JSON object. */
export type Fields = Record<string, unknown>;

/** Serves the page of an emulator until the test ends. */
export async function serveEmulator(emulator = openEmulator()) {
  const server = await startDevServer(emulator);
  onTestFinished(() => server.close());
  const ask = async (
    method: string,
    path: string,
    fields?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(new URL(`/api/${path}`, server.url), {
      method,
      headers: { ...(fields !== undefined && { "content-type": "application/json" }), ...headers },
      ...(fields !== undefined && { body: JSON.stringify(fields) }),
    });
    return { status: response.status, body: (await response.json()) as Fields };
  };
  return { emulator, url: server.url, ask };
}

/** Serves the page of an emulator with a webhook. */
export async function serveWebhook(url: string, options?: EmulatorOptions) {
  const { emulator, webhook } = sendingTo(url, options);
  return { webhook, ...(await serveEmulator(emulator)) };
}

/** Returns the path of a delivery in the API. */
export const toPath = ({ key }: { key: string }) => `deliveries/${encodeURIComponent(key)}`;
