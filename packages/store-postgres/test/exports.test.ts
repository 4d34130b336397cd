import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(store)).toEqual(["migrationSql", "postgresStore"]);
});

it("ships the migration as a file that matches migrationSql()", () => {
  const file = readFileSync(new URL("../migrations/0001_deliveries.sql", import.meta.url), "utf8");
  expect(file).toBe(store.migrationSql());
});
