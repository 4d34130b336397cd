import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "@ahasend-webhooks/harness/workspace";
import { expect, it } from "vitest";

import { documents } from "./snippets.js";

const repository =
  /^https:\/\/(?:github\.com|raw\.githubusercontent\.com)\/ahasend-webhooks\/ahasend-webhooks\/(?:blob\/)?main\//;

/** Returns the targets of the links and images of a Markdown text, outside of code. */
function listLinks(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`]*`/g, "");
  const link = /\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|\bsrc="([^"]+)"/gm;
  return [...prose.matchAll(link)].map(([, inline, reference, image]) => (inline ?? reference ?? image)!);
}

/** Returns the anchors that GitHub gives to the headings of a Markdown text. */
function listAnchors(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Returns whether a link leads to a file of this repository, and to a heading if it names one. */
function isResolved(document: string, link: string): boolean {
  const isRelative = !/^[a-z]+:/.test(link);
  if (!isRelative && !repository.test(link)) return true;
  const [path = "", anchor] = link.replace(repository, "").split("#");
  const base = isRelative ? dirname(document) : "";
  const file = path === "" ? join(root, document) : join(root, base, path);
  if (!existsSync(file)) return false;
  return anchor === undefined || listAnchors(readFileSync(file, "utf8")).includes(anchor);
}

it.each(documents)("finds every file and heading of this repository that %s links to", (document) => {
  const links = listLinks(readFileSync(join(root, document), "utf8"));
  expect(links.filter((link) => !isResolved(document, link))).toEqual([]);
});

it.each([
  "missing.md",
  "README.md#missing",
  "https://github.com/ahasend-webhooks/ahasend-webhooks/blob/main/missing.md",
])("reports the broken link %s", (link) => {
  expect(isResolved("README.md", link)).toBe(false);
});
