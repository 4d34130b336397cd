import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { WebhookError, type WebhookErrorCode, createReceiver } from "@ahasend-webhooks/core";
import { apps, packages, root } from "@ahasend-webhooks/harness/workspace";
import { describe, expect, it } from "vitest";

import * as docs from "./house/docs.js";
import { noDuplicates } from "./house/duplicates.js";
import * as imports from "./house/imports.js";
import * as lists from "./house/lists.js";
import * as names from "./house/names.js";
import { type Rule, readRepository } from "./house/repository.js";
import * as sizes from "./house/sizes.js";
import { plainWords } from "./house/words.js";

const files = readRepository();

const rules: readonly Rule[] = [
  ...Object.values(imports),
  ...Object.values(sizes),
  ...Object.values(names),
  ...Object.values(lists),
  ...Object.values(docs),
  noDuplicates,
  plainWords,
];

const byName = rules.map((rule) => [rule.name, rule] as const);

describe("the repository", () => {
  it.each(byName)("%s", (_name, { findBreaches }) => {
    expect(findBreaches(files)).toEqual([]);
  });
});

describe("a planted breach", () => {
  it.each(byName)("is found by the rule: %s", (_name, { findBreaches, planted }) => {
    const others = files.filter(({ path }) => !planted.some((file) => file.path === path));
    const known = findBreaches(files);
    const added = findBreaches([...others, ...planted]).filter((breach) => !known.includes(breach));
    expect(added).not.toEqual([]);
  });

  it("is found by the linter: a cycle of type imports", () => {
    const folder = mkdtempSync(join(tmpdir(), "house-"));
    try {
      const { rules } = JSON.parse(readFileSync(join(root, ".oxlintrc.json"), "utf8")) as {
        rules: Record<string, unknown>;
      };
      const cycles = { "import/no-cycle": rules["import/no-cycle"] };
      writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify({ plugins: ["import"], rules: cycles }));
      writeFileSync(join(folder, "a.ts"), 'import type { B } from "./b.js";\nexport type A = B[];\n');
      writeFileSync(join(folder, "b.ts"), 'import type { A } from "./a.js";\nexport type B = A | 1;\n');
      const { status, stdout } = spawnSync(join(root, "node_modules", ".bin", "oxlint"), ["."], {
        cwd: folder,
        encoding: "utf8",
        shell: process.platform === "win32",
      });
      expect(stdout).toContain("Dependency cycle detected");
      expect(status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.each(packages)("packages/%s", (name) => {
  it("is complete: licence, README, description, entries for import and require", () => {
    const folder = join(root, "packages", name);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    expect(existsSync(join(folder, "LICENSE"))).toBe(true);
    expect(existsSync(join(folder, "README.md"))).toBe(true);
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
          types: expect.stringMatching(/^\.\/dist\/cjs\/.+\.d\.ts$/) as string,
          default: expect.stringMatching(/\.cjs$/) as string,
        },
      });
    }
  });
});

describe("the example apps", () => {
  it.each(apps)("are built before demo and chaos are: %s", (app) => {
    for (const tool of ["chaos", "demo"]) {
      const manifest = readFileSync(join(root, "tools", tool, "package.json"), "utf8");
      expect(manifest).toContain(`"@ahasend-webhooks/example-${app}": "workspace:^"`);
    }
  });

  it("differ on Express and Koa only in lines that name the framework or one of its objects", () => {
    const framework = { express: /\b(express|app|res)\b/, koa: /\b(koa|Koa|router|Router|ctx)\b/ };
    const express = listLinesMissing("express", "koa");
    const koa = listLinesMissing("koa", "express");
    expect(express.length).toBeGreaterThan(5);
    expect(express.filter((line) => /\w/.test(line) && !framework.express.test(line))).toEqual([]);
    expect(koa.filter((line) => /\w/.test(line) && !framework.koa.test(line))).toEqual([]);
  });
});

/** Returns the lines of an app that another one does not have in the same file. */
function listLinesMissing(app: string, other: string): string[] {
  return readdirSync(join(root, "apps", app, "src")).flatMap((file) => {
    const rest = readLines(other, file);
    return readLines(app, file).filter((line) => {
      const index = rest.indexOf(line);
      if (index !== -1) rest.splice(index, 1);
      return index === -1;
    });
  });
}

function readLines(app: string, file: string): string[] {
  return readFileSync(join(root, "apps", app, "src", file), "utf8").split("\n");
}

it("has no dependency in core", () => {
  const manifest = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8")) as Manifest;
  expect({ ...manifest.dependencies, ...manifest.peerDependencies }).toEqual({});
});

/** A code without a line here does not compile. */
const statuses: Record<WebhookErrorCode, number> = {
  missing_header: 400,
  invalid_header: 400,
  invalid_payload: 400,
  body_aborted: 400,
  stale_timestamp: 401,
  invalid_signature: 401,
  method_not_allowed: 405,
  body_timeout: 408,
  in_flight: 409,
  body_too_large: 413,
  unsupported_encoding: 415,
  handler_failed: 500,
  body_already_parsed: 500,
  store_unavailable: 503,
  inbox_unavailable: 503,
  secret_unavailable: 503,
  deadline_exceeded: 503,
  overloaded: 503,
  closing: 503,
};

describe("the troubleshooting page", () => {
  const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");

  it.each(Object.entries(statuses) as [WebhookErrorCode, number][])(
    "explains %s, status %i",
    (code, status) => {
      expect(new WebhookError(code, "").status).toBe(status);
      expect(page).toMatch(new RegExp(`^### \`${code}\`\n\n${status}\\b`, "m"));
    },
  );

  it("explains each option that can be refused at start", () => {
    for (const name of readOptionNames()) expect(page, name).toContain(`\n### \`${name}\`\n`);
  });
});

/** The options are listed by the error for an unknown one. */
function readOptionNames(): string[] {
  try {
    createReceiver({ xyzzyPlugh: true } as never);
  } catch (error) {
    const list = /the options are (.*)\./.exec(String(error))?.[1];
    if (list !== undefined) return list.split(", ");
  }
  throw new Error("createReceiver no longer lists its options for an unknown one.");
}

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports: Record<string, unknown>;
}
