import type { IncomingMessage } from "node:http";

import { Refusal } from "./refusal.js";

/** As large as AhaSend's largest bodies. */
const MAX_BODY_BYTES = 30_000_000;

/**
 * Reads a JSON object.
 *
 * @throws {Refusal} 400, 413 or 415
 */
export async function readObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  // A form of another web site cannot send this type without being asked first.
  if (type !== "application/json") {
    throw new Refusal(415, "unsupported_type", "The content-type is not application/json: send JSON.");
  }
  const text = (await readBytes(request)).toString("utf8");
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Refusal(400, "invalid", "The body is no JSON object: send one.");
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection is still needed for the answer: Node reads what is left, and drops it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new Refusal(413, "too_large", `The body is larger than ${MAX_BODY_BYTES} bytes: send less.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
