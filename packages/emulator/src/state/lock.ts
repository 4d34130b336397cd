import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";

import { EmulatorError } from "../errors.js";

/**
 * Locks a file against other processes and other emulators of this one: a file beside it has the id of the process that
 * holds the lock. The lock of a process that has died is ignored.
 *
 * @returns a function that releases the lock
 * @throws {EmulatorError} `state_unusable` if the file is locked, or the folder cannot be written to
 */
export function lock(path: string): () => void {
  const lockPath = `${path}.lock`;
  for (let isRetry = false; ; isRetry = true) {
    try {
      const file = openSync(lockPath, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(lockPath, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
        const message = `${path} cannot be written: pass a path in a folder that exists and is writable.`;
        throw new EmulatorError("state_unusable", message, { cause });
      }
      const owner = Number(readOwner(lockPath));
      if (isRetry || isAlive(owner)) {
        throw new EmulatorError(
          "state_unusable",
          `${path} is in use by process ${owner}: stop it, or pass another file (if it is not an emulator, delete ${lockPath}).`,
          { cause },
        );
      }
      rmSync(lockPath, { force: true });
    }
  }
}

/** @throws {EmulatorError} `state_unusable` */
function readOwner(lockPath: string): string {
  try {
    return readFileSync(lockPath, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    const message = `${lockPath} cannot be read: delete it, or pass another file.`;
    throw new EmulatorError("state_unusable", message, { cause });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
