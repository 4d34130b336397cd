import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { packages, root } from "@ahasend-webhooks/harness/workspace";

/** The READMEs of the repository and of every package. */
export const readmes = ["README.md", ...packages.map((name) => `packages/${name}/README.md`)];

/** The READMEs, and the pages in the `docs` folder of every package. */
export const documents = [...readmes, ...packages.flatMap((name) => listPages(`packages/${name}/docs`))];

/** Returns the TypeScript snippets of a document, in order. */
export function snippetsOf(document: string): string[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
}

/** Returns the README of the package that a page belongs to: it has the install lines. */
export function readmeOf(document: string): string {
  return readmes.includes(document) ? document : join(dirname(dirname(document)), "README.md");
}

function listPages(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).toSorted();
  return names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);
}
