import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(store)).toEqual([
    "fromDrizzle",
    "fromKysely",
    "fromPrisma",
    "fromTypeOrm",
    "migrationSql",
    "mysqlStore",
  ]);
});

it("ships the migration as a file that matches the function", () => {
  const path = new URL("../migrations/0001_deliveries.sql", import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(store.migrationSql());
});
