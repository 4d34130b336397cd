import type { IncomingMessage } from "node:http";

import { contract } from "@ahasend-webhooks/core/contract";

import { readBody } from "../transport/read-body.js";
import { ApiError } from "./api-error.js";

/**
 * Reads a JSON object.
 *
 * @throws {ApiError} 400, 413 or 415
 */
export async function readObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  // A form of another web site cannot send this type without being asked first.
  if (type !== "application/json") {
    throw new ApiError(415, "unsupported_type", "The content-type is not application/json: send JSON.");
  }
  const body = await readBody(request);
  if (body === undefined) {
    // The next request of this connection comes behind the rest of the body.
    request.resume();
    throw new ApiError(
      413,
      "too_large",
      `The body is larger than ${contract.maxBodyBytes} bytes: send a smaller one.`,
    );
  }
  const value = parse(body.toString("utf8"));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ApiError(400, "invalid", "The body is no JSON object: send one.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
