import type { IncomingMessage } from "node:http";

import { contract } from "@ahasend-webhooks/core/contract";

import { readBody } from "../transport/read-body.js";
import { ApiError } from "./api-error.js";

/**
 * Reads the JSON object in the body of a request.
 *
 * @throws {ApiError} 400, 413 or 415
 */
export async function readObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  // A form of another web site cannot send this type without a CORS preflight.
  if (type !== "application/json") {
    throw new ApiError(415, "unsupported_type", "The content-type must be application/json.");
  }
  const body = await readBody(request);
  if (body === undefined) {
    // The next request on this connection follows the rest of the body.
    request.resume();
    throw new ApiError(413, "too_large", `The body must be at most ${contract.maxBodyBytes} bytes.`);
  }
  const value = parse(body.toString("utf8"));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ApiError(400, "invalid", "The body must be a JSON object.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
