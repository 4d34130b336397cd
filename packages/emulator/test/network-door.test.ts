import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const sources = join(dirname(fileURLToPath(import.meta.url)), "../src");

/** Modules that can open connections. */
const NETWORK_MODULE = /^(?:node:)?(?:https?|http2|net|tls|dgram)$|^undici/;
/** Exports of theirs that cannot. */
const HARMLESS = new Set(["createServer", "isIP", "STATUS_CODES"]);

/** Returns what a source file imports from network modules, types and harmless names left out. */
function findNetworkAccess(source: string): string[] {
  const imports = [...source.matchAll(/^(?:import|export) (?!type\b)([^;]*?) from "([^"]+)"/gms)].flatMap(
    ([, clause = "", module = ""]) => {
      if (!NETWORK_MODULE.test(module)) return [];
      const names = /^\{(.*)\}$/s.exec(clause.trim())?.[1]?.split(",") ?? [clause];
      return names
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type ") && !HARMLESS.has(name))
        .map((name) => `${name} of ${module}`);
    },
  );
  const calls = source.match(/(?<![\w.])fetch\(|new WebSocket\b/g);
  return [...imports, ...(calls ?? [])];
}

it("opens connections in transport/ only, where requests are kept on this machine", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  const outside = files.filter((path) => !path.startsWith("transport"));
  expect(outside.length).toBeGreaterThan(50);
  const access = outside.flatMap((path) =>
    findNetworkAccess(readFileSync(join(sources, path), "utf8")).map((what) => `${path}: ${what}`),
  );
  expect(access).toEqual([]);
  expect(findNetworkAccess(readFileSync(join(sources, "transport/open-request.ts"), "utf8"))).toEqual([
    "http of node:http",
    "https of node:https",
  ]);
});

it.each([
  ['import https from "node:https";', ["https of node:https"]],
  ['import * as net from "net";', ["* as net of net"]],
  ['import { type Server, createServer, request } from "node:http";', ["request of node:http"]],
  ['import {\n  connect,\n} from "node:tls";', ["connect of node:tls"]],
  ["await fetch(url);", ["fetch("]],
  ['import type { Socket } from "node:net";', []],
  ['import { createServer } from "node:http";', []],
])("finds the network access in %j", (source, access) => {
  expect(findNetworkAccess(source)).toEqual(access);
});
