import type { IncomingMessage } from "node:http";

import type { Api } from "./api-call.js";
import { readObject } from "./read-json-object.js";
import { ApiError } from "./api-error.js";
import type { Reply } from "./reply.js";

/**
 * Reads a request and calls the handler of its method and path.
 *
 * @param path with its parts still encoded, because an id may contain a slash
 * @throws {ApiError} 404 or 405 without a handler; and the errors of reading and handling
 */
export async function dispatch(api: Api, path: string, request: IncomingMessage): Promise<Reply> {
  const parts = path.split("/");
  const matching = Object.keys(api).filter((key) =>
    matches(key.slice(key.indexOf(" ") + 1).split("/"), parts),
  );
  const key = matching.find((key) => key.startsWith(`${request.method} `));
  const handler = key === undefined ? undefined : api[key];
  if (key === undefined || handler === undefined) throw createNotFoundError(path, matching);
  const names = key.slice(key.indexOf(" ") + 1).split("/");
  const params = parts.filter((_, index) => names[index] === "*").map(decodePart);
  const hasBody = request.method !== "GET" && request.method !== "DELETE";
  return handler({ params, fields: hasBody ? await readObject(request) : {} });
}

function matches(names: string[], parts: string[]): boolean {
  return names.length === parts.length && names.every((name, index) => name === "*" || name === parts[index]);
}

function createNotFoundError(path: string, others: string[]): ApiError {
  if (others.length === 0)
    return new ApiError(404, "not_found", `${path} does not exist: open the page at /.`);
  return new ApiError(405, "method_not_allowed", `Use ${others.join(" or ")}.`);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, "invalid", `${part} must be percent-encoded.`);
  }
}
