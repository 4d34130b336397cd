import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";

import { UsageError } from "./exit.js";

/**
 * Reads a file, or with `-` what is piped in.
 *
 * @throws {UsageError} when it cannot be read
 */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return path === "-" ? await buffer(process.stdin) : await readFile(path);
  } catch (cause) {
    const { code = "unreadable" } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${path} cannot be read (${code}): check the path and who may read it.`, { cause });
  }
}

/**
 * Reads a file as UTF-8, and leaves out nothing of it.
 *
 * @throws {UsageError} when it cannot be read, or is something else
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (isUtf8(bytes)) return bytes.toString();
  throw new UsageError(`${path} is not UTF-8: save it so.`);
}
