import { defineConfig, type Options } from "tsup";

/** Builds a published package: ESM and CommonJS, each with its own declarations. */
export function libraryConfig(
  entry: NonNullable<Options["entry"]> = ["src/index.ts"],
  overrides: Options = {},
) {
  return defineConfig({
    entry,
    format: ["esm", "cjs"],
    target: "es2022",
    platform: "node",
    // Bundlers for edge runtimes and Deno know the modules of Node by their full names only.
    removeNodeProtocol: false,
    // tsup's declaration build still passes baseUrl, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
    // Without it a class reached through two entry points would exist twice.
    splitting: true,
    sourcemap: true,
    clean: true,
    ...overrides,
  });
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
