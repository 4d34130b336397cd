import { existsSync, readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";

import { apps, packages, root } from "@ahasend-webhooks/harness/workspace";
import { describe, expect, it } from "vitest";

/** Which packages of ours a package's sources may import. */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  emulator: ["testing", "core"],
  express: ["core"],
  koa: ["core"],
  nestjs: ["core"],
  "store-postgres": ["core"],
  "store-redis": ["core"],
  testing: ["core"],
};

const sourcesOf = (name: string) =>
  readdirSync(join(root, "packages", name, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(join(root, "packages", name, "src", path), "utf8") }));

const importsOf = (text: string) =>
  [...text.matchAll(/^(?:import|export) [^;]*?from "([^"]+)"/gms)].map(([, name]) => name!);

/** Lines that are neither blank nor comment. */
const denseLines = (text: string) =>
  text.split("\n").filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;

describe.each(packages)("packages/%s", (name) => {
  it("imports only what it may", () => {
    const allowed = mayImport[name];
    expect(allowed, "name the package in mayImport").toBeDefined();
    const ours = allowed!.flatMap((other) => [
      `@ahasend-webhooks/${other}`,
      `@ahasend-webhooks/${other}/node`,
    ]);
    const manifest = manifestOf(name);
    const declared = [
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ];
    for (const { path, text } of sourcesOf(name)) {
      for (const imported of importsOf(text)) {
        if (imported.startsWith("@ahasend-webhooks/")) expect(ours, path).toContain(imported);
        else if (imported.startsWith("node:"))
          expect(builtinModules, path).toContain(imported.slice("node:".length));
        else if (!imported.startsWith(".")) expect(declared, path).toContain(imported);
      }
    }
  });

  it("is complete: licence, README, description, a way in for import and require", () => {
    const manifest = manifestOf(name);
    expect(existsSync(join(root, "packages", name, "LICENSE"))).toBe(true);
    expect(existsSync(join(root, "packages", name, "README.md"))).toBe(true);
    expect(manifest).toMatchObject({
      name: `@ahasend-webhooks/${name}`,
      license: "MIT",
      sideEffects: false,
      engines: { node: ">=20.19" },
      files: expect.arrayContaining(["dist"]) as string[],
      exports: { "./package.json": "./package.json" },
    });
    for (const [entry, conditions] of Object.entries(manifest.exports)) {
      if (entry === "./package.json") continue;
      expect(conditions).toMatchObject({
        import: {
          types: expect.stringMatching(/\.d\.ts$/) as string,
          default: expect.stringMatching(/\.js$/) as string,
        },
        require: {
          types: expect.stringMatching(/\.d\.cts$/) as string,
          default: expect.stringMatching(/\.cjs$/) as string,
        },
      });
    }
  });
});

describe("core", () => {
  it("has no dependency and imports nothing but what every runtime with Node's modules has", () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf("core");
    expect({ ...dependencies, ...peerDependencies }).toEqual({});
    const outside = sourcesOf("core")
      .flatMap(({ text }) => importsOf(text))
      .filter((imported) => !imported.startsWith("."));
    expect(new Set(outside)).toEqual(new Set(["node:buffer", "node:crypto", "node:util", "node:util/types"]));
  });

  it("has no source file past 200 lines", () => {
    const long = sourcesOf("core").filter(({ text }) => text.split("\n").length > 201);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});

it.each(["express", "koa"])("has an adapter for %s of at most 120 dense lines", (name) => {
  const lines = sourcesOf(name).reduce((sum, { text }) => sum + denseLines(text), 0);
  expect(lines).toBeGreaterThan(20);
  expect(lines).toBeLessThanOrEqual(120);
});

it("has no file of the NestJS module past 80 lines", () => {
  const long = sourcesOf("nestjs").filter(({ text }) => text.split("\n").length > 81);
  expect(long.map(({ path }) => path)).toEqual([]);
});

const linesOf = (app: string) => {
  const folder = join(root, "apps", app, "src");
  return readdirSync(folder).flatMap((file) => {
    const lines = readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1);
    return lines.map((line) => `${file}: ${line}`);
  });
};

describe.each(apps)("the example app on %s", (app) => {
  it("has at most 100 lines", () => {
    expect(linesOf(app).length).toBeGreaterThan(20);
    expect(linesOf(app).length).toBeLessThanOrEqual(100);
  });

  it.each(["chaos", "demo"])("is built before the tests of %s, which runs it", (tool) => {
    const manifest = readFileSync(join(root, "tools", tool, "package.json"), "utf8");
    expect(manifest).toContain(`"@ahasend-webhooks/example-${app}": "workspace:^"`);
  });
});

it("has example apps on Express and Koa that differ only in lines that name the framework or one of its objects", () => {
  const framework = { express: /\b(express|app|res)\b/, koa: /\b(koa|Koa|router|Router|ctx)\b/ };
  const differing = (one: string, other: string) => {
    const rest = linesOf(other);
    return linesOf(one).filter((line) => {
      const index = rest.indexOf(line);
      if (index !== -1) rest.splice(index, 1);
      return index === -1;
    });
  };
  const express = differing("express", "koa");
  const koa = differing("koa", "express");
  expect(express.length).toBeGreaterThan(5);
  const withoutFileName = (line: string) => line.slice(line.indexOf(": "));
  expect(express.filter((line) => !framework.express.test(withoutFileName(line)))).toEqual([]);
  expect(koa.filter((line) => !framework.koa.test(withoutFileName(line)))).toEqual([]);
});

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports: Record<string, unknown>;
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as Manifest;
}
