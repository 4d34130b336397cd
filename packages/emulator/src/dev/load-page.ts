import { existsSync, readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Reply } from "./reply.js";

/** The path is the same from `src/dev/` and from `dist/cli/`. */
const FOLDER = fileURLToPath(new URL("../../dist/web/", import.meta.url));

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Reads the built page into memory.
 *
 * @returns the replies by path, so that no other file can be requested
 * @throws {Error} when the page has not been built
 */
export function loadPage(): ReadonlyMap<string, Reply> {
  if (!existsSync(join(FOLDER, "index.html"))) {
    throw new Error(`${FOLDER} does not contain the page: run the build script of this package.`);
  }
  const page = new Map<string, Reply>();
  for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${file.slice(FOLDER.length).replaceAll("\\", "/")}`;
    page.set(path, { status: 200, headers: { "content-type": type }, body: readFileSync(file) });
  }
  const index = page.get("/index.html");
  if (index !== undefined) page.set("/", index);
  return page;
}
