import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { contractHeadings } from "../../src/check/contract-source.js";
import { checkRules } from "../../src/index.js";

const contract = readFileSync(new URL("../../../../contract/README.md", import.meta.url), "utf8");
const headings = [...contract.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading!);

/** The anchors that GitHub gives the headings: letters, digits, underscores and hyphens remain. */
const anchors = headings.map((heading) =>
  heading
    .toLowerCase()
    .split("")
    .filter((character) => /[\p{L}\p{N}_ -]/u.test(character))
    .join("")
    .split(" ")
    .join("-"),
);

it("knows the headings of contract/README.md", () => {
  expect(contractHeadings).toEqual(headings);
});

it("links every rule from the contract to a heading that exists", () => {
  const links = checkRules.flatMap(({ source }) => /contract\/README\.md#(.+)$/.exec(source)?.slice(1) ?? []);
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  expect(checkRules.filter(({ source }) => source.includes("README.md") && !source.includes("#"))).toEqual(
    [],
  );
});
