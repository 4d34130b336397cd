import { adapters, stores } from "@ahasend-webhooks/harness/workspace";
import { eventTypes } from "@ahasend-webhooks/core";

import { type RepoFile, type Rule, isTypeScript } from "./repository.js";

/** Lists of names that stand in one place: folders, or the union of event types in core. */
const lists: readonly (readonly string[])[] = [adapters, stores, eventTypes];

/** Where such a list is the thing itself. */
const isOwner = (path: string): boolean => /^packages\/core\/src\/events\/|\/house\/lists\.ts$/.test(path);

export const derivedLists: Rule = {
  name: "derives lists of adapters, stores and event types instead of repeating them",
  findBreaches: (files) =>
    files
      .filter((file) => isTypeScript(file) && !isOwner(file.path))
      .flatMap(({ path, text }) =>
        lists.flatMap((list) => {
          const repeated = [...text.matchAll(/\[([^[\]]*)\]/g)].find(([, items = ""]) =>
            isWhole(items, list),
          );
          return repeated === undefined ? [] : [`${path} repeats a list: ${repeated[0].slice(0, 60)}`];
        }),
      ),
  planted: [
    { path: "tools/chaos/src/planted.ts", text: 'export const apps = ["express", "koa", "nestjs"];\n' },
  ],
};

/** Returns whether an array literal holds every member of a list: the next member would be forgotten there. */
function isWhole(items: string, list: readonly string[]): boolean {
  return list.every((name) => items.includes(`"${name}"`));
}

export const namesEveryPackage: Rule = {
  name: "names every package in the README and in architecture.md",
  findBreaches: (files) => {
    const packages = readFolders(files, "packages");
    return ["README.md", "docs/architecture.md"].flatMap((path) => {
      const page = files.find((file) => file.path === path)?.text ?? "";
      return packages
        .filter((name) => !new RegExp(`packages/${name}(?![\\w-])`).test(page))
        .map((name) => `${path} does not name packages/${name}`);
    });
  },
  planted: [{ path: "packages/store-planted/package.json", text: "{}" }],
};

export const hasEveryApp: Rule = {
  name: "has an example app for each adapter",
  findBreaches: (files) => {
    const apps = readFolders(files, "apps");
    return readFolders(files, "packages")
      .filter((name) =>
        files.some(
          ({ path, text }) => path === `packages/${name}/src/index.ts` && text.includes("ahaSendWebhooks"),
        ),
      )
      .filter((name) => !apps.includes(name))
      .map((name) => `packages/${name} has no apps/${name}`);
  },
  planted: [
    { path: "packages/planted/package.json", text: "{}" },
    { path: "packages/planted/src/index.ts", text: 'export { ahaSendWebhooks } from "./webhooks.js";\n' },
  ],
};

/** Where code must import a package or name something, so that it is tested, attacked and measured as the others are. */
const duties: readonly { of: "adapter" | "store" | "inbox"; where: string; names: string }[] = [
  { of: "adapter", where: "packages/*/test/", names: "adapterCases" },
  { of: "adapter", where: "tools/fuzz/src/", names: "@ahasend-webhooks/*" },
  { of: "adapter", where: "tools/benchmarks/src/", names: "@ahasend-webhooks/*" },
  { of: "inbox", where: "packages/*/test/", names: "inboxCases" },
  { of: "inbox", where: "packages/*/test/", names: "inboxModel" },
  { of: "inbox", where: "tools/mail-desk/src/", names: "@ahasend-webhooks/*" },
  { of: "store", where: "packages/*/test/", names: "storeCases" },
  { of: "store", where: "packages/*/test/", names: "storeModel" },
  { of: "store", where: "tools/mail-desk/src/", names: "@ahasend-webhooks/*" },
  { of: "store", where: "tools/chaos/src/", names: "@ahasend-webhooks/*" },
  { of: "store", where: "tools/benchmarks/src/", names: "@ahasend-webhooks/*" },
  { of: "inbox", where: "tools/chaos/src/", names: "@ahasend-webhooks/*" },
];

export const fulfilsEveryDuty: Rule = {
  name: "runs every adapter, store and inbox through the shared suites, fuzz or chaos, and the benchmarks",
  findBreaches: (files) => {
    const apps = readFolders(files, "apps");
    return readFolders(files, "packages").flatMap((name) => {
      const kind = toKind(name, apps);
      return duties
        .filter((duty) => duty.of === kind)
        .map((duty) => ({ where: duty.where.replace("*", name), names: duty.names.replace("*", name) }))
        .filter(
          ({ where, names }) =>
            !files.some(({ path, text }) => path.startsWith(where) && text.includes(names)),
        )
        .map(({ where, names }) => `packages/${name}: ${names} is missing in ${where}`);
    });
  },
  planted: [
    { path: "packages/store-planted/package.json", text: "{}" },
    { path: "packages/inbox-planted/package.json", text: "{}" },
  ],
};

function toKind(name: string, apps: readonly string[]): "adapter" | "store" | "inbox" | undefined {
  if (apps.includes(name)) return "adapter";
  if (name.startsWith("store-")) return "store";
  return name.startsWith("inbox-") ? "inbox" : undefined;
}

/** The folders below a folder that hold a package. */
function readFolders(files: readonly RepoFile[], folder: string): string[] {
  return files.flatMap(({ path }) => new RegExp(`^${folder}/([^/]+)/package\\.json$`).exec(path)?.[1] ?? []);
}
