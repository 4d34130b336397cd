import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "@ahasend-webhooks/harness/workspace";

/** A file of the repository. */
export interface RepoFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Its size; that of `text` by default. */
  readonly bytes?: number;
}

/** A rule of the house. */
export interface Rule {
  /** A full clause: "keeps files below 200 lines". */
  readonly name: string;
  /** Returns a line for each breach; it begins with the path of the file. */
  readonly findBreaches: (files: readonly RepoFile[]) => string[];
  /** Files that break the rule, to show that the rule finds them. They replace files of the same path. */
  readonly planted: readonly RepoFile[];
}

/** Reads all files that are tracked by git, or would be with the next `git add`. */
export function readRepository(): RepoFile[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 16_000_000,
  });
  return [...new Set(list.split("\0"))]
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => {
      const content = readFileSync(join(root, path));
      return { path, bytes: content.length, text: isText(path) ? content.toString("utf8") : "" };
    });
}

const isText = (path: string): boolean =>
  /\.(tsx?|mjs|json|ya?ml|md|sql|css|html|sh)$|(^|\/)[^.]+$/.test(path);

/** TypeScript of packages, apps and tools that is built or run: neither tests nor configuration. */
export const isSource = ({ path }: RepoFile): boolean =>
  /^(packages|apps|tools)\/[^/]+\/(web\/)?src\/.*\.tsx?$/.test(path);

export const isTypeScript = ({ path }: RepoFile): boolean => /\.tsx?$/.test(path);

/** The package, app or tool of a file, such as `packages/core`. */
export const toHome = (path: string): string => path.split("/", 2).join("/");

/** Returns the module names that a file imports or exports from, type imports included. */
export function readImports(text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export) [^;]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gms,
  );
  return [...statements].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
}
