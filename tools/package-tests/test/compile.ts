import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

import { root } from "@ahasend-webhooks/harness/workspace";

import { generateClientOfSnippets } from "./prisma.js";

const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve("typescript-7/package.json")), "bin", "tsc");

/**
 * Compiles files of the repository together with sources that exist only for this call.
 * The sources are written beside these tests, so that they import what a user would install.
 * @returns the compiler's errors, each beginning with the file's path from the root, or with a source's name
 */
export async function compile(paths: readonly string[], sources: ReadonlyMap<string, string>) {
  const folder = await mkdtemp(join(import.meta.dirname, "..", ".compile-"));
  try {
    for (const [name, code] of sources) await writeFile(join(folder, name), code);
    const usesPrisma = [...sources.values()].some((code) => code.includes('"./generated/prisma/client.js"'));
    if (usesPrisma) await generateClientOfSnippets(folder);
    const config = {
      extends: relative(folder, join(root, "tsconfig.base.json")),
      compilerOptions: { experimentalDecorators: true, declaration: false },
      files: [...paths.map((path) => relative(folder, join(root, path))), ...sources.keys()],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const output = await runCompiler(folder);
    return output
      .split("\n")
      .filter((line) => line.includes(": error TS"))
      .map((line) => line.replace(`${relative(root, folder)}/`, ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns everything that the compiler printed. */
async function runCompiler(folder: string): Promise<string> {
  // Each further checker would check the declarations that all files share again.
  const args = [compiler, "--project", folder, "--pretty", "false", "--checkers", "1"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      if (error !== null && stdout === "") reject(new Error(`The compiler did not run: ${stderr}`));
      else resolve(stdout);
    });
  });
}
