import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "@ahasend-webhooks/harness/workspace";
import { beforeAll, describe, expect, it } from "vitest";

import { compile } from "./compile.js";
import { documents, readmeOf, readmes, snippetsOf } from "./snippets.js";

const sourceName = (document: string, index: number) =>
  `${document.replaceAll(/[/.]/g, "-")}-${index + 1}.ts`;

describe("the snippets", () => {
  let errors: string[];

  beforeAll(async () => {
    const sources = new Map(
      documents.flatMap((document) =>
        snippetsOf(document).map((code, index) => [sourceName(document, index), code] as const),
      ),
    );
    const wrong = snippetsOf("README.md")[0]!.replace("message.bounced", "message.bouncd");
    errors = await compile([], sources.set("wrong.ts", wrong));
  }, 60_000);

  it.each(readmes)("of %s are at least one", (readme) => {
    expect(snippetsOf(readme)).not.toEqual([]);
  });

  it.each(documents)("of %s compile", (document) => {
    const names = snippetsOf(document).map((_code, index) => sourceName(document, index));
    expect(errors.filter((error) => names.some((name) => error.startsWith(`${name}(`)))).toEqual([]);
  });

  it("fail to compile with a misspelled event type", () => {
    expect(errors.filter((error) => error.startsWith("wrong.ts("))).toEqual(
      expect.arrayContaining([expect.stringContaining("message.bouncd")]),
    );
  });

  it("of the Express package and of the repository begin with the same way to receive", () => {
    const [first] = snippetsOf("README.md");
    const [ofPackage] = snippetsOf("packages/express/README.md");
    expect(ofPackage!.replace(/^ +"\*":.*\n/m, "")).toBe(first);
  });
});

describe("the install lines", () => {
  const { dependencies } = JSON.parse(
    readFileSync(join(root, "tools", "package-tests", "package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };

  /** Names of packages: what is imported, without the modules of Node and the path in a package. */
  const importedBy = (code: string) =>
    [...code.matchAll(/^(?:import|export) (?:[^;]*? from )?"([^"]+)"/gms)]
      .map(([, name]) => name!)
      .filter((name) => !name.startsWith("node:") && !name.startsWith("."))
      .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));

  const namesIn = (lines: readonly string[], separator: RegExp) =>
    new Set(lines.flatMap((line) => line.split(separator)));

  /** Returns the packages that a document or its README installs, and those that it says a project has anyway. */
  function namedBy(document: string) {
    const sources = new Set([readmeOf(document), document]);
    const text = [...sources].map((path) => readFileSync(join(root, path), "utf8")).join("\n");
    const installed = [...text.matchAll(/\bnpm install ([^`#\n]+)/g)].map(([, names]) => names!);
    const prose = text.replaceAll(/^```.*?^```$/gms, "");
    const mentioned = [...prose.matchAll(/\balso\s+uses?\s[^.]+\./g)].map(([sentence]) => sentence);
    return { text, installed: namesIn(installed, /\s+/), mentioned: namesIn(mentioned, /`/) };
  }

  it.each(documents)(
    "%s names every package that its snippets import, or says that it is there",
    (document) => {
      const { installed, mentioned } = namedBy(document);
      const imported = new Set(snippetsOf(document).flatMap(importedBy));
      expect([...imported].filter((name) => !installed.has(name) && !mentioned.has(name))).toEqual([]);
    },
  );

  it.each(documents)("%s names the types of packages that have none of their own", (document) => {
    const { installed, mentioned } = namedBy(document);
    const snippets = snippetsOf(document);
    const wanted = snippets.flatMap(importedBy).map((name) => `@types/${name.replace(/^@(.*)\//, "$1__")}`);
    if (snippets.some((code) => /\bprocess\.|"node:/.test(code))) wanted.push("@types/node");
    const missing = wanted.filter((name) => name === "@types/node" || Object.hasOwn(dependencies, name));
    expect([...new Set(missing)].filter((name) => !installed.has(name) && !mentioned.has(name))).toEqual([]);
  });

  it.each(documents)("%s says what to leave out in JavaScript, if that is more than types", (document) => {
    const asserted = snippetsOf(document).filter((code) => /[\w)\]]!(?=[\s,;).}])/.test(code));
    if (asserted.length > 0) expect(namedBy(document).text).toMatch(/in JavaScript leave out .*`!`/);
  });

  it.each(documents)("%s asks npm for scoped names only", (document) => {
    expect(namedBy(document).text).not.toMatch(/\bnpx ahasend-webhooks\b/);
  });
});
