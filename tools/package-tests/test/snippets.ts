import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packages, root } from "@ahasend-webhooks/harness/workspace";

/** The READMEs of the repository and of every package. */
export const readmes = ["README.md", ...packages.map((name) => `packages/${name}/README.md`)];

/** The TypeScript snippets of a README, in order. */
export function snippetsOf(readme: string): string[] {
  const text = readFileSync(join(root, readme), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
}
