import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { OutputError, UsageError } from "../exit.js";

/** A new folder of recorded deliveries, one file each. */
export interface DeliveryFolder {
  /**
   * Writes a file, which is complete once it has its name.
   *
   * @returns its name: `0001-message.bounced.http`
   * @throws {OutputError} when it cannot be written
   */
  write(type: string, content: string): string;
  /** Removes the folder if it is empty. */
  close(): void;
}

/**
 * Creates a folder for deliveries. It must not exist, so that nothing is overwritten.
 *
 * @param isPrivate only its owner can read it
 * @throws {UsageError} when it exists or cannot be created
 */
export function createDeliveryFolder(path: string, isPrivate: boolean): DeliveryFolder {
  createFolder(path, isPrivate ? 0o700 : 0o777);
  let count = 0;
  return {
    write(type, content) {
      const name = `${String(count + 1).padStart(4, "0")}-${toFileName(type)}.http`;
      writeComplete(join(path, name), content, isPrivate ? 0o600 : 0o666);
      count += 1;
      return name;
    },
    close: () => void (count === 0 && removeIfEmpty(path)),
  };
}

function createFolder(path: string, mode: number): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(path, { mode });
  } catch (cause) {
    const { code = "unwritable" } = cause as NodeJS.ErrnoException;
    throw new UsageError(
      code === "EEXIST"
        ? `${path} exists: nothing is overwritten, so choose a new folder for --output.`
        : `${path} cannot be created (${code}): choose another folder for --output.`,
      { cause },
    );
  }
}

/** A reader of the folder sees no partial file. */
function writeComplete(path: string, content: string, mode: number): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, "wx", mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new OutputError(path, cause);
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody has put something into it.
  }
}

/** Signed types are of any form, and must not leave the folder. */
function toFileName(type: string): string {
  return type.replaceAll(/[^a-z0-9._-]+/gi, "-").slice(0, 60) || "unknown";
}
