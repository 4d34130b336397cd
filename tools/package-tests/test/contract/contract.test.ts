import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "@ahasend-webhooks/harness/workspace";
import { describe, expect, it } from "vitest";

import { splitFacts } from "./facts.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const facts = splitFacts(read("contract/README.md"));
const holders = readHolders(read("tools/package-tests/test/contract/holders.md"));

interface Holder {
  /** Words of the fact. */
  words: string;
  path: string;
  /** The title of a test, or a line of another file. */
  quote: string;
}

describe("the contract", () => {
  it("has a test, type or page that holds each of its facts", () => {
    expect(facts.length).toBeGreaterThan(90);
    expect(findUnheld(holders)).toEqual([]);
    const [, ...others] = holders;
    expect(findUnheld(others), "a fact without a holder is found").toHaveLength(1);
  });

  it("has the words of each holder in exactly one fact: a changed fact needs a new look", () => {
    const counts = holders.map(({ words }) => [words, facts.filter((fact) => fact.includes(words)).length]);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });

  it("has only holders that exist", () => {
    expect(holders.filter((holder) => !exists(holder))).toEqual([]);
    const [{ path, ...other } = { path: "" }] = holders;
    expect(exists({ words: "", ...other, path, quote: "a title that no test has" })).toBe(false);
  });
});

function findUnheld(kept: readonly Holder[]): string[] {
  return facts.filter((fact) => !kept.some(({ words }) => fact.includes(words)));
}

function exists({ path, quote }: Holder): boolean {
  if (!existsSync(join(root, path))) return false;
  const text = read(path);
  return path.includes("/test/") ? listTitles(text).includes(quote) : text.includes(quote);
}

/** Returns the first string of every call that has one: those of `it`, `it.each(…)` and `describe` are titles. */
function listTitles(text: string): string[] {
  return [...text.matchAll(/\(\s*"((?:[^"\\]|\\.)*)",/g)].map(([, title = ""]) => title);
}

function readHolders(table: string): Holder[] {
  const [, , ...rows] = table.split("\n").filter((line) => line.startsWith("|"));
  return rows.map((row) => {
    const [, words = "", path = "", quote = ""] = row.split("|").map((cell) => cell.trim());
    return { words, path, quote };
  });
}
