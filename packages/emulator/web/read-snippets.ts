import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Snippet } from "./src/snippets.ts";

const root = join(import.meta.dirname, "../../..");

/** Reads the first snippet of the README of each adapter, and those of core for Fetch-style runtimes and plain Node.js: tests compile and run them. */
export function readSnippets(): Snippet[] {
  // Each adapter has an example app.
  const adapters = readdirSync(join(root, "apps")).map((name) => {
    const readme = readReadme(name);
    const label = /^(\w+) (?:middleware|module|plugin)/m.exec(readme)?.[1] ?? name;
    return { label, ...readSnippet(readme) };
  });
  const core = readReadme("core");
  const [heading = "", ...fetchStyle] = core.split(/^## (Fetch-style .*)$/m).slice(1);
  return [
    ...adapters,
    { label: heading, ...readSnippet(fetchStyle.join(""), core) },
    { label: "Plain Node.js", ...readSnippet(core) },
  ];
}

function readReadme(name: string): string {
  return readFileSync(join(root, "packages", name, "README.md"), "utf8");
}

function readSnippet(text: string, readme = text): Omit<Snippet, "label"> {
  const [, code] = /^```ts\n(.*?)^```$/ms.exec(text) ?? [];
  const [install] = /^npm install .*$/m.exec(readme) ?? [];
  if (code === undefined || install === undefined)
    throw new Error("A README has no snippet or install line.");
  return { install, code };
}
