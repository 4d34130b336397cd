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
const CHUNK = Buffer.alloc(65_536);

/**
 * Mounts a disk in memory.
 *
 * @throws {Error} if this user may not mount, or the system is not Linux
 */
export async function mountSmallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "ahasend-webhooks-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", folder], { stdio: "pipe" });
  } catch (cause) {
    await rm(folder, { recursive: true });
    throw new Error(
      "A full disk needs the right to mount a tmpfs: run it as root on Linux, or leave it out.",
      { cause },
    );
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    async fill() {
      const file = await open(ballast, "a");
      try {
        // Until there is no room for a page.
        for (let chunk = CHUNK; chunk.length > 0;) {
          try {
            await file.write(chunk);
          } catch {
            chunk = chunk.subarray(chunk.length >> 1);
            if (chunk.length < 512) break;
          }
        }
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    async close() {
      execFileSync("umount", ["-l", folder], { stdio: "pipe" });
      await rm(folder, { recursive: true });
    },
  };
}
