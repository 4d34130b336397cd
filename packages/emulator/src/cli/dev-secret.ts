import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The secret that `dev` signs with, and where it is kept. */
export interface DevSecret {
  secret: string;
  path: string;
  /** `false` if the file cannot be written, or has something else in it: the secret is then a new one. */
  isKept: boolean;
}

/**
 * Returns the secret of the last run, or creates one for the next runs: it is copied into an app once. Only its owner
 * can read the file.
 */
export function keepDevSecret(): DevSecret {
  const path = join(findStateFolder(), "ahasend-webhooks", "dev-secret");
  const created = `aha-whsec-${randomBytes(24).toString("base64url")}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${created}\n`, { flag: "wx", mode: 0o600 });
  } catch {
    // It exists, or cannot be written: reading it shows which.
  }
  const kept = readSecret(path);
  return { secret: kept ?? created, path, isKept: kept !== undefined };
}

function readSecret(path: string): string | undefined {
  try {
    return /^(aha-whsec-[\w-]{32})\n$/.exec(readFileSync(path, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** Returns the folder for what programs keep between runs (XDG Base Directory Specification). */
function findStateFolder(): string {
  const { XDG_STATE_HOME: chosen = "", LOCALAPPDATA: ofWindows = "" } = process.env;
  if (chosen !== "") return chosen;
  return process.platform === "win32" && ofWindows !== "" ? ofWindows : join(homedir(), ".local", "state");
}
