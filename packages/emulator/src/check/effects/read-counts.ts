import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { readBody } from "../../transport/read-body.js";
import { type RequestToOpen, openRequest } from "../../transport/open-request.js";

/** Every number in a JSON document, and the length of every list, by path. */
export type Counts = ReadonlyMap<string, number>;

/** Counts take a few kilobytes, and are read many times. */
const MAX_JSON_BYTES = 5_000_000;

/**
 * Fetches a JSON document and returns its counts.
 *
 * @throws {Error} when the reply is not 200 with JSON, or is too large
 */
export async function readCounts(from: Omit<RequestToOpen, "method" | "headers">): Promise<Counts> {
  const outgoing = openRequest({ ...from, method: "GET", headers: { accept: "application/json" } }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  // When the time limit cuts the body off, reading it fails with the same error.
  outgoing.on("error", () => undefined);
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`the reply was ${response.statusCode}`);
  }
  const body = await readBody(response, MAX_JSON_BYTES);
  if (body === undefined) {
    outgoing.destroy();
    throw new Error(`the reply is larger than ${MAX_JSON_BYTES} bytes: serve only the counts`);
  }
  return collectCounts(JSON.parse(body.toString()));
}

/** Returns the counts that changed, and by how much. */
export function diffCounts(before: Counts, after: Counts): Map<string, number> {
  const paths = new Set([...before.keys(), ...after.keys()]);
  const differences = [...paths].map(
    (path) => [path, (after.get(path) ?? 0) - (before.get(path) ?? 0)] as const,
  );
  return new Map(differences.filter(([, difference]) => difference !== 0));
}

function collectCounts(value: unknown, path = "", counts = new Map<string, number>()): Map<string, number> {
  if (typeof value === "number") counts.set(path, value);
  const fields = Array.isArray(value) ? { length: value.length } : value;
  if (typeof fields === "object" && fields !== null) {
    for (const [name, field] of Object.entries(fields))
      collectCounts(field, path === "" ? name : `${path}.${name}`, counts);
  }
  return counts;
}
