import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";

import { UsageError } from "./exit.js";

/**
 * Reads a file, or stdin for `-`.
 *
 * @throws {UsageError} when it cannot be read
 */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return path === "-" ? await buffer(process.stdin) : await readFile(path);
  } catch (cause) {
    const { code = "unreadable" } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${path} cannot be read (${code}): check the path and its permissions.`, { cause });
  }
}

/**
 * Reads a file as UTF-8, without dropping a byte order mark.
 *
 * @throws {UsageError} when it cannot be read, or is not UTF-8
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (isUtf8(bytes)) return bytes.toString();
  throw new UsageError(`${path} must be encoded in UTF-8.`);
}
