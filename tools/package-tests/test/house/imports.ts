import { builtinModules } from "node:module";

import { type RepoFile, type Rule, isSource, isTypeScript, readImports, toHome } from "./repository.js";

const SCOPE = "@ahasend-webhooks/";

/** Which packages of ours a package may import: whoever is missing here is an adapter. */
const layers: readonly (readonly [packages: RegExp, mayImport: RegExp])[] = [
  [/^packages\/core$/, /^$/],
  [/^packages\/(testing|mail|opentelemetry|(store|inbox)-[\w-]+)$/, /^core$/],
  [/^packages\/emulator$/, /^(core|testing)$/],
  [/^tools\/mail-desk$/, /^(?!testing$|emulator$|harness$|example-)/],
  [/^tools\//, /^/],
];

/** Tests of adapters, stores and inboxes run the shared suites against real servers. */
const inTests = /^(core|testing|emulator|harness)$/;

export const mayImportWhom: Rule = {
  name: "imports only what architecture.md allows, siblings never",
  findBreaches: (files) =>
    files.filter(isTypeScript).flatMap((file) => {
      const home = toHome(file.path);
      const ours = readImports(file.text).filter((name) => name.startsWith(SCOPE));
      return ours
        .filter((name) => !isAllowed(file, home, name.slice(SCOPE.length).split("/", 1)[0] ?? "", files))
        .map((name) => `${file.path} imports ${name}`);
    }),
  planted: [
    {
      path: "packages/koa/src/planted.ts",
      text: 'import type { Route } from "@ahasend-webhooks/express";\n',
    },
  ],
};

function isAllowed(file: RepoFile, home: string, name: string, files: readonly RepoFile[]): boolean {
  if (home === `packages/${name}`) return !isSource(file);
  const [, folder = ""] = home.split("/");
  if (home.startsWith("apps/"))
    return name === folder || /^(core|mail|mail-desk|(store|inbox)-[\w-]+)$/.test(name);
  const layer = layers.find(([packages]) => packages.test(home));
  const isAdapter = files.some(({ path }) => path.startsWith(`apps/${folder}/`));
  const allowed = layer?.[1] ?? (isAdapter ? /^core$/ : /^$/);
  return allowed.test(name) || (!isSource(file) && (inTests.test(name) || name.startsWith("store-")));
}

export const declaresWhatItImports: Rule = {
  name: "declares what its sources import as dependency or peer dependency, and Node's modules with node:",
  findBreaches: (files) =>
    files
      .filter((file) => file.path.startsWith("packages/") && isSource(file) && !file.path.includes("/web/"))
      .flatMap((file) => {
        const declared = readDeclared(files, toHome(file.path));
        return readImports(file.text)
          .filter((name) => !name.startsWith(".") && !isDeclared(name, declared))
          .map((name) => `${file.path} imports ${name}`);
      }),
  planted: [{ path: "packages/core/src/planted.ts", text: 'import { readFile } from "fs/promises";\n' }],
};

function isDeclared(name: string, declared: readonly string[]): boolean {
  if (name.startsWith("node:")) return builtinModules.includes(name.slice("node:".length));
  return declared.some((one) => name === one || name.startsWith(`${one}/`));
}

function readDeclared(files: readonly RepoFile[], home: string): string[] {
  const manifest = files.find(({ path }) => path === `${home}/package.json`)?.text ?? "{}";
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(manifest) as Record<string, object>;
  return [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
}

export const oneDoorToTheNetwork: Rule = {
  name: "opens connections of the emulator in transport/ only, where the guard for remote addresses is",
  findBreaches: (files) =>
    files
      .filter(({ path }) => path.startsWith("packages/emulator/src/") && !path.includes("/src/transport/"))
      .filter(({ text }) =>
        /\b(request|get|connect|Agent|createConnection)\b[^;]*from "node:(https?|net|tls|http2)"|\bfetch\(/.test(
          text,
        ),
      )
      .map(({ path }) => `${path} opens connections`),
  planted: [
    { path: "packages/emulator/src/check/planted.ts", text: 'import { request } from "node:http";\n' },
  ],
};

export const coreStandsAlone: Rule = {
  name: "imports nothing into core but the modules that every runtime with Node's has",
  findBreaches: (files) =>
    files
      .filter((file) => file.path.startsWith("packages/core/src/"))
      .flatMap(({ path, text }) =>
        readImports(text)
          .filter((name) => !name.startsWith(".") && !/^node:(buffer|crypto|util|util\/types)$/.test(name))
          .map((name) => `${path} imports ${name}`),
      ),
  planted: [{ path: "packages/core/src/planted.ts", text: 'import { once } from "node:events";\n' }],
};
