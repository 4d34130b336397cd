import { join } from "node:path";

import ts from "typescript";
import { describe, expect, it } from "vitest";

import { readmes, root, snippetsOf } from "./snippets.js";

/** Compiles files that exist only here, in the folder of these tests, so that they import what a user would install. */
function compile(sources: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, experimentalDecorators: true, lib: ["ES2023"] },
    root,
  );
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => sources.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => sources.get(path) ?? ts.sys.readFile(path);
  const program = ts.createProgram([...sources.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName ?? ""}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

const sourceName = (readme: string, index: number) =>
  join(import.meta.dirname, `${readme.replaceAll(/[/.]/g, "-")}-${index + 1}.ts`);

describe("the snippets", () => {
  it.each(readmes)("of %s compile", (readme) => {
    const snippets = snippetsOf(readme);
    expect(snippets.length).toBeGreaterThan(0);
    expect(compile(new Map(snippets.map((code, index) => [sourceName(readme, index), code])))).toEqual([]);
  });

  it("would be found out if they did not", () => {
    const wrong = snippetsOf("README.md")[0]!.replace("message.bounced", "message.bouncd");
    expect(compile(new Map([[sourceName("wrong", 0), wrong]])).join()).toContain("message.bouncd");
  });

  it("of the Express package and of the repository begin with the same way to receive", () => {
    const [first] = snippetsOf("README.md");
    const [ofPackage] = snippetsOf("packages/express/README.md");
    expect(ofPackage!.replace(/^ +"\*":.*\n/m, "")).toBe(first);
  });
});
