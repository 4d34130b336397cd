import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk of its own, so that it can be full. */
export interface SmallDisk {
  folder: string;
  /** Leaves no room. */
  fill(): Promise<void>;
  /** Makes room. */
  free(): Promise<void>;
  close(): Promise<void>;
}

const SIZE = "64m";
const ballast = Buffer.alloc(65_536);

/** Returns whether this user may mount a disk: root may, on Linux. */
export async function canMountDisk(): Promise<boolean> {
  try {
    await (await mountSmallDisk()).close();
    return true;
  } catch {
    return false;
  }
}

/** Mounts a disk in memory. @throws {Error} if this user may not mount */
export async function mountSmallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  const path = join(folder, "ballast");
  return {
    folder,
    async fill() {
      const file = await open(path, "a");
      try {
        for (let size = ballast.length; size >= 512;) {
          try {
            await file.write(ballast, 0, size);
          } catch {
            // No room for as much.
            size >>= 1;
          }
        }
      } finally {
        await file.close();
      }
    },
    free: () => rm(path, { force: true }),
    async close() {
      execFileSync("umount", ["-l", folder], { stdio: "pipe" });
      await rm(folder, { recursive: true });
    },
  };
}
