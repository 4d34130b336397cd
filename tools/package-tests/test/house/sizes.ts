import { type RepoFile, type Rule, isSource, isTypeScript, toHome } from "./repository.js";

const MAX_FILES = 20;
const MAX_LINES = 200;
const MAX_BYTES = 300_000;

export const smallFiles: Rule = {
  name: `keeps source files at ${MAX_LINES} lines at most`,
  findBreaches: (files) =>
    files
      .filter((file) => isSource(file) && countLines(file) > MAX_LINES)
      .map((file) => `${file.path} has ${countLines(file)} lines`),
  planted: [{ path: "packages/core/src/planted.ts", text: "// one more\n".repeat(MAX_LINES + 1) }],
};

export const smallAdapters: Rule = {
  name: "keeps adapters thin: 120 lines of code on Express and Koa, 80 lines a file in NestJS",
  findBreaches: (files) => {
    const lines = new Map<string, number>();
    const breaches: string[] = [];
    for (const file of files.filter(isSource)) {
      const home = toHome(file.path);
      if (home === "packages/express" || home === "packages/koa")
        lines.set(home, (lines.get(home) ?? 0) + countCode(file));
      if (home === "packages/nestjs" && countLines(file) > 80)
        breaches.push(`${file.path} has ${countLines(file)} lines`);
    }
    const long = [...lines].filter(([, count]) => count > 120);
    return [...breaches, ...long.map(([home, count]) => `${home} has ${count} lines of code`)];
  },
  planted: [{ path: "packages/nestjs/src/planted.ts", text: "// one more\n".repeat(81) }],
};

export const shortApps: Rule = {
  name: "keeps each example app at 100 lines",
  findBreaches: (files) => {
    const lines = new Map<string, number>();
    for (const file of files.filter((one) => one.path.startsWith("apps/") && isSource(one)))
      lines.set(toHome(file.path), (lines.get(toHome(file.path)) ?? 0) + countLines(file));
    return [...lines].filter(([, count]) => count > 100).map(([app, count]) => `${app} has ${count} lines`);
  },
  planted: [{ path: "apps/planted/src/main.ts", text: "// one more\n".repeat(101) }],
};

export const flatFolders: Rule = {
  name: `keeps folders at ${MAX_FILES} files at most`,
  findBreaches: (files) => {
    const counts = new Map<string, number>();
    for (const { path } of files.filter(isTypeScript)) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    return [...counts]
      .filter(([, count]) => count > MAX_FILES)
      .map(([folder, count]) => `${folder} has ${count} files`);
  },
  planted: Array.from({ length: MAX_FILES + 1 }, (_, index) => ({
    path: `packages/core/src/planted/${index}.ts`,
    text: "",
  })),
};

export const noLargeFiles: Rule = {
  name: "tracks no file over 300 KB but the lockfile",
  findBreaches: (files) =>
    files
      .filter(({ path, text, bytes = text.length }) => bytes > MAX_BYTES && path !== "pnpm-lock.yaml")
      .map(({ path }) => `${path} has more than ${MAX_BYTES} bytes`),
  planted: [{ path: "docs/planted.svg", text: "", bytes: MAX_BYTES + 1 }],
};

export const noRunTimeData: Rule = {
  name: "tracks nothing that a run leaves behind",
  findBreaches: (files) =>
    files
      .filter(({ path }) =>
        /^apps\/[^/]+\/data\/|\.(jsonl|log|sqlite\d?|db|pid|rdb|aof)$|(^|\/)(dist|coverage|\.turbo|test-report\.json)(\/|$)/.test(
          path,
        ),
      )
      .map(({ path }) => `${path} is run-time data`),
  planted: [{ path: "apps/express/data/journal.jsonl", text: "{}" }],
};

function countLines({ text }: RepoFile): number {
  return text.split("\n").length - 1;
}

/** Lines that are neither blank nor comment. */
function countCode({ text }: RepoFile): number {
  return text.split("\n").filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length;
}
