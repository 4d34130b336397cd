import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("has these public names and no others", () => {
  expect(Object.keys(store)).toEqual(["migrationSql", "postgresStore"]);
});

it("ships the migration as a file, too", () => {
  const file = readFileSync(new URL("../migrations/0001_deliveries.sql", import.meta.url), "utf8");
  expect(file).toBe(store.migrationSql());
});
