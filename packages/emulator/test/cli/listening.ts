import { createEvent } from "@ahasend-webhooks/testing";
import { expect } from "vitest";

import { Program } from "./program.js";

export const event = createEvent("message.bounced");

/** Starts `listen` with JSON output. */
export async function listening(args: readonly string[] = [], env?: Record<string, string>) {
  const program = new Program(["listen", "--port", "0", "--json", ...args], env && { env });
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
