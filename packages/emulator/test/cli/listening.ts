import { createEvent } from "@ahasend-webhooks/testing";
import { expect } from "vitest";

import { Program } from "./program.js";

export const event = createEvent("message.bounced");

/** Starts `listen`, or another command that receives requests, with JSON output. */
export async function listening(
  args: readonly string[] = [],
  env?: Record<string, string>,
  { command = "listen", diskIsFull = false } = {},
) {
  const program = new Program([command, "--port", "0", "--json", ...args], {
    ...(env && { env }),
    diskIsFull,
  });
  await program.prints('"kind":"listening"');
  const url = String(program.data[0]!["url"]);
  /** Resolves with what was printed about the requests, once there are `count`. */
  const requests = async (count: number) => {
    await expect.poll(() => program.data.length, { timeout: 20_000 }).toBe(count + 1);
    return program.data.slice(1);
  };
  return { program, url, requests };
}

/** Sends a POST request. */
export function post(
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string | Buffer },
) {
  return fetch(url, { method: "POST", headers, body });
}
