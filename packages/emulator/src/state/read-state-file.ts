import { isUtf8 } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";

import { EmulatorError } from "../errors.js";

/** The fix for a file that is not valid. */
export const STATE_FILE_CURE =
  "it is damaged, or was written by a newer version; update the emulator, pass another file, or delete this one";

/** Each line begins with the kind of its entry. */
const LINE_STARTS = ["endpoint", "delivery", "progress", "event"].map((kind) => `["${kind}/`);

/**
 * Reads the entries of a state file.
 *
 * @throws {EmulatorError} `state_unusable` if the file is not valid
 */
export function readStateFile(path: string): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const lines = existsSync(path) ? read(path).split("\n") : [];
  // The process may have died while writing: an incomplete last line does not count.
  const last = lines.pop() ?? "";
  for (const [index, line] of lines.entries()) {
    const [key, ...value] = parseLine(line) ?? [];
    if (key === undefined || value.length > 1) throw unknownLine(path, index);
    if (value.length === 0) values.delete(key);
    else values.set(key, value[0]);
  }
  if (!LINE_STARTS.some((start) => start.startsWith(last) || last.startsWith(start))) {
    throw unknownLine(path, lines.length);
  }
  return values;
}

function read(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const message = `${path} cannot be read: pass a file that is readable.`;
    throw new EmulatorError("state_unusable", message, { cause });
  }
  // If the process died while writing, the last character may be incomplete.
  if (isUtf8(bytes.subarray(0, bytes.lastIndexOf("\n") + 1))) return bytes.toString();
  throw new EmulatorError("state_unusable", `${path} is not a state file: ${STATE_FILE_CURE}.`);
}

function parseLine(line: string): [key: string, ...value: unknown[]] | undefined {
  if (!LINE_STARTS.some((start) => line.startsWith(start))) return undefined;
  try {
    return JSON.parse(line) as [string, ...unknown[]];
  } catch {
    return undefined;
  }
}

function unknownLine(path: string, index: number): EmulatorError {
  return new EmulatorError(
    "state_unusable",
    `Line ${index + 1} of ${path} is not a line of an emulator's state: ${STATE_FILE_CURE}.`,
  );
}
