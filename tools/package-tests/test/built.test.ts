import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire, builtinModules } from "node:module";
import { join } from "node:path";

import { build } from "esbuild";
import type ts from "typescript-5.9";
import { packages, root } from "@ahasend-webhooks/harness/workspace";
import { beforeAll, describe, expect, it } from "vitest";

const require = createRequire(import.meta.url);

interface Manifest {
  exports: Record<string, object | string>;
  typesVersions?: Record<string, Record<string, string[]>>;
}

const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as Manifest;

/** The entry points of a package beside the main one. */
const subpathsOf = (name: string) =>
  Object.keys(manifestOf(name).exports)
    .filter((entry) => entry !== "." && entry !== "./package.json")
    .map((entry) => entry.slice("./".length));

/** Returns the modules that a built file imports or requires. */
const importsOf = (code: string) =>
  [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)["']([^"'\n]+)["']/g)].map(
    ([, name]) => name!,
  );

describe.each(packages)("the built files of packages/%s", (name) => {
  const dist = join(root, "packages", name, "dist");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.c?js$/.test(file) && !file.startsWith("web"),
  );

  it("import the modules of Node by their full names", () => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const bare = importsOf(readFileSync(join(dist, file), "utf8")).filter((imported) =>
        builtinModules.includes(imported),
      );
      expect(bare, file).toEqual([]);
    }
  });

  it("have types for TypeScript that does not read exports (moduleResolution node10)", () => {
    for (const subpath of subpathsOf(name)) {
      const [path = ""] = manifestOf(name).typesVersions?.["*"]?.[subpath] ?? [];
      expect(path, `typesVersions of ${subpath}`).toMatch(/^\.\/dist\/cjs\/.+\.d\.ts$/);
      expect(existsSync(join(root, "packages", name, path))).toBe(true);
    }
  });
});

it("would be found out if they imported a module of Node by its short name", () => {
  expect(importsOf(`import { a } from "crypto"; const b = require('buffer'); await import("fs")`)).toEqual([
    "crypto",
    "buffer",
    "fs",
  ]);
});

describe.each(["neutral", "browser"] as const)("a bundle for the platform %s", (platform) => {
  it.each(["core", "testing"])("can leave the modules of Node that %s needs to the runtime", async (name) => {
    const { outputFiles, warnings } = await build({
      stdin: {
        contents: `export * from "@ahasend-webhooks/${name}";`,
        resolveDir: join(root, "tools", "package-tests"),
      },
      bundle: true,
      format: "esm",
      platform,
      external: ["node:*"],
      write: false,
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    const imported = importsOf(outputFiles[0]!.text).filter((each) => each.startsWith("node:"));
    expect(imported).toContain("node:crypto");
  });
});

describe.each(["typescript-5.7", "typescript-5.9"])(
  "%s with module commonjs and moduleResolution node10",
  (compiler) => {
    const typescript = require(compiler) as typeof ts;

    const entries = packages.flatMap((name) =>
      ["", ...subpathsOf(name).map((subpath) => `/${subpath}`)].map(
        (subpath) => `@ahasend-webhooks/${name}${subpath}`,
      ),
    );
    const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}";`);
    const uses = entries.map((_entry, index) => `entry${index}`);
    const unresolved = join(import.meta.dirname, "unresolved.ts");
    /** They exist only here, in the folder of these tests. */
    const files = new Map([
      [
        join(import.meta.dirname, "resolved.ts"),
        [...imports, `export const all = [${uses.join(", ")}];`].join("\n"),
      ],
      [
        unresolved,
        'import "@ahasend-webhooks/core"; import * as x from "@ahasend-webhooks/core/nod"; export { x };',
      ],
    ]);
    let errors: { file: string | undefined; message: string }[];

    /** Compiles both at once: most of it is reading declarations. */
    beforeAll(() => {
      const options: ts.CompilerOptions = {
        module: typescript.ModuleKind.CommonJS,
        moduleResolution: typescript.ModuleResolutionKind.Node10,
        target: typescript.ScriptTarget.ES2022,
        lib: ["lib.es2023.d.ts"],
        types: ["node"],
        strict: true,
        esModuleInterop: true,
        skipLibCheck: true,
        noEmit: true,
      };
      const host = typescript.createCompilerHost(options);
      const [fileExists, readFile] = [host.fileExists.bind(host), host.readFile.bind(host)];
      host.fileExists = (file) => files.has(file) || fileExists(file);
      host.readFile = (file) => files.get(file) ?? readFile(file);
      const program = typescript.createProgram([...files.keys()], options, host);
      errors = typescript.getPreEmitDiagnostics(program).map(({ file, messageText }) => ({
        file: file?.fileName,
        message: typescript.flattenDiagnosticMessageText(messageText, "\n"),
      }));
    });

    it("resolves every entry point of every package", () => {
      expect(entries).toContain("@ahasend-webhooks/core/node");
      expect(entries).toContain("@ahasend-webhooks/testing/store-model");
      expect(errors.filter(({ file }) => file !== unresolved)).toEqual([]);
    });

    it("would say so if it did not", () => {
      expect(errors.filter(({ file }) => file === unresolved)).toMatchObject([
        { message: expect.stringContaining("Cannot find module '@ahasend-webhooks/core/nod'") as string },
      ]);
    });
  },
);
