import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { readBody } from "../../transport/read-body.js";
import { type RequestToOpen, openRequest } from "../../transport/open-request.js";

/** Every number in a JSON document and the length of every list, by where it stands. */
export type Reading = ReadonlyMap<string, number>;

/** Counts take some kilobytes; this is read many times. */
const MAX_JSON_BYTES = 5_000_000;

/**
 * Reads a JSON document that is served somewhere.
 *
 * @throws {Error} when there is no answer, or a larger one
 */
export async function readNumbers(from: Omit<RequestToOpen, "method" | "headers">): Promise<Reading> {
  const outgoing = openRequest({ ...from, method: "GET", headers: { accept: "application/json" } }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  // Cut off by the time limit while it is read: reading has the error too.
  outgoing.on("error", () => undefined);
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`the answer was ${response.statusCode}`);
  }
  const body = await readBody(response, MAX_JSON_BYTES);
  if (body === undefined) {
    outgoing.destroy();
    throw new Error(`the answer is larger than ${MAX_JSON_BYTES} bytes: serve the counts alone`);
  }
  return numbersIn(JSON.parse(body.toString()));
}

/** By how much each number differs between two readings; those that do not are left out. */
export function growth(before: Reading, after: Reading): Map<string, number> {
  const places = new Set([...before.keys(), ...after.keys()]);
  const all = [...places].map(
    (place) => [place, (after.get(place) ?? 0) - (before.get(place) ?? 0)] as const,
  );
  return new Map(all.filter(([, by]) => by !== 0));
}

function numbersIn(value: unknown, place = "", found = new Map<string, number>()): Map<string, number> {
  if (typeof value === "number") found.set(place, value);
  const parts = Array.isArray(value) ? { length: value.length } : value;
  if (typeof parts === "object" && parts !== null) {
    for (const [name, part] of Object.entries(parts))
      numbersIn(part, place === "" ? name : `${place}.${name}`, found);
  }
  return found;
}
