import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { defineConfig, type Options } from "tsup";

/**
 * Builds a published package: ESM and CommonJS, each with its own declarations.
 *
 * @param declared the entries that get declarations
 */
export function libraryConfig(
  entry: string[] = ["src/index.ts"],
  overrides: Options = {},
  declared: readonly string[] = entry,
) {
  return defineConfig({
    entry,
    format: ["esm", "cjs"],
    target: "es2022",
    platform: "node",
    // Bundlers for edge runtimes and Deno know the modules of Node by their full names only.
    removeNodeProtocol: false,
    // Without it a class reached through two entry points would exist twice.
    splitting: true,
    sourcemap: true,
    clean: true,
    onSuccess: async () => writeDeclarations(declared),
    ...overrides,
  });
}

const require = createRequire(import.meta.url);

/**
 * Writes declarations into dist, and the same ones for CommonJS into dist/cjs. TypeScript 7 takes a tenth of the time of
 * tsup's own, which need TypeScript 6. Types are not checked here: `pnpm run lint` does that.
 */
function writeDeclarations(entries: readonly string[]): void {
  if (entries.length === 0) return;
  const tsc = join(dirname(require.resolve("typescript-7/package.json")), "bin", "tsc");
  const base = JSON.parse(readFileSync(new URL("../../../tsconfig.base.json", import.meta.url), "utf8")) as {
    compilerOptions: object;
  };
  const options = {
    ...base.compilerOptions,
    noEmit: false,
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    experimentalDecorators: true,
    rootDir: "src",
    outDir: "dist",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  execFileSync(process.execPath, [tsc, "--ignoreConfig", ...flags, ...entries], { stdio: "inherit" });
  for (const path of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts") && !path.startsWith("cjs"))
      cpSync(join("dist", path), join("dist", "cjs", path));
  }
  writeFileSync(join("dist", "cjs", "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}

/** Builds an app or a tool: one ESM program. */
export function programConfig(entry: NonNullable<Options["entry"]>, overrides: Options = {}) {
  return defineConfig({
    entry,
    format: ["esm"],
    target: "es2022",
    platform: "node",
    // Bundlers for edge runtimes and Deno know the modules of Node by their full names only.
    removeNodeProtocol: false,
    sourcemap: true,
    clean: true,
    ...overrides,
  });
}

/**
 * Builds a program together with the packages that it uses. It starts in half of the time, on NestJS in a third: most of a
 * start is loading hundreds of small files.
 *
 * @param external packages that it loads when it runs: those with native code, and those that need not be installed
 */
export function bundleConfig(entry: string[], external: readonly string[]) {
  const names = `(${external.join("|")})(/|$)`;
  return programConfig(entry, {
    external: [new RegExp(`^${names}`)],
    noExternal: [new RegExp(`^(?!${names})`)],
    // For CommonJS: `__dirname` and `require`.
    shims: true,
    banner: {
      js: 'import { createRequire as createBundledRequire } from "node:module"; const require = createBundledRequire(import.meta.url);',
    },
    sourcemap: false,
  });
}

/**
 * Builds an example app and its worker, together with their framework.
 *
 * @param optional packages that the framework loads if they are installed
 */
export function appConfig(optional: readonly string[] = []) {
  // The desk has storages that load their own drivers, and a process must not have two cores.
  const shared = "@ahasend-webhooks/(core|mail|mail-desk)";
  return bundleConfig(["src/main.ts", "src/worker.ts"], [shared, ...optional]);
}
