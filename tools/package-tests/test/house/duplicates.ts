import { type RepoFile, type Rule, isSource, toHome } from "./repository.js";

const MIN_LINES = 6;

export const noDuplicates: Rule = {
  name: `has no ${MIN_LINES} lines of code twice in two packages, apps or tools`,
  findBreaches: (files) => {
    const first = new Map<string, { home: string; path: string }>();
    const breaches = new Set<string>();
    for (const file of files.filter(isSource)) {
      const home = toHome(file.path);
      const lines = readCode(file);
      for (let at = 0; at + MIN_LINES <= lines.length; at += 1) {
        const run = lines.slice(at, at + MIN_LINES).join("\n");
        const seen = first.get(run);
        if (seen === undefined) first.set(run, { home, path: file.path });
        else if (seen.home !== home && !areBothApps(seen.home, home))
          breaches.add(`${file.path} repeats ${seen.path}`);
      }
    }
    return [...breaches];
  },
  planted: ["packages/core", "packages/koa"].map((home) => ({
    path: `${home}/src/planted.ts`,
    text: Array.from({ length: MIN_LINES }, (_, index) => `step${index}(input, output);\n`).join(""),
  })),
};

/** Example apps differ in what names the framework and in nothing else. */
const areBothApps = (one: string, other: string): boolean =>
  one.startsWith("apps/") && other.startsWith("apps/");

/** The lines that are more than a bracket, without comments, imports and lists of exports. */
function readCode({ text }: RepoFile): string[] {
  return text
    .replaceAll(/^(import|export) [^;]*?from "[^"]+";/gms, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^(\/\/|\/?\*|[\s()[\]{}<>;,/]*$)/.test(line));
}
