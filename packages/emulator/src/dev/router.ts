import type { IncomingMessage } from "node:http";

import type { Api } from "./api.js";
import { readObject } from "./read-json-object.js";
import { Refusal } from "./api-error.js";
import type { Reply } from "./reply.js";

/**
 * Finds what answers a request, reads its body if it has one, and lets it answer.
 *
 * @param path with its parts still encoded: an id may hold a slash
 * @throws {Refusal} 404 or 405 when nothing answers it; and what reading and answering throw
 */
export async function route(api: Api, path: string, request: IncomingMessage): Promise<Reply> {
  const parts = path.split("/");
  const matching = Object.keys(api).filter((key) =>
    matches(key.slice(key.indexOf(" ") + 1).split("/"), parts),
  );
  const key = matching.find((key) => key.startsWith(`${request.method} `));
  const answer = key === undefined ? undefined : api[key];
  if (key === undefined || answer === undefined) throw notFound(path, matching);
  const names = key.slice(key.indexOf(" ") + 1).split("/");
  const params = parts.filter((_, index) => names[index] === "*").map(decode);
  const hasBody = request.method !== "GET" && request.method !== "DELETE";
  return answer({ params, fields: hasBody ? await readObject(request) : {} });
}

function matches(names: string[], parts: string[]): boolean {
  return names.length === parts.length && names.every((name, index) => name === "*" || name === parts[index]);
}

function notFound(path: string, others: string[]): Refusal {
  if (others.length === 0) return new Refusal(404, "not_found", `There is no ${path}: open the page at /.`);
  return new Refusal(405, "method_not_allowed", `Use ${others.join(" or ")}.`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "invalid", `${part} is not percent-encoded: encode it.`);
  }
}
