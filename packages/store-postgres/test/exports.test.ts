import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(store)).toEqual([
    "fromDrizzle",
    "fromKnex",
    "fromKysely",
    "fromMikroOrm",
    "fromPostgresJs",
    "fromPrisma",
    "fromSequelize",
    "fromTypeOrm",
    "inboxMigrationSql",
    "migrationSql",
    "postgresInbox",
    "postgresStore",
  ]);
});

it.each([
  ["0001_deliveries.sql", store.migrationSql()],
  ["0001_inbox.sql", store.inboxMigrationSql()],
])("ships the migration as the file %s that matches the function", (name, sql) => {
  expect(readFileSync(new URL(`../migrations/${name}`, import.meta.url), "utf8")).toBe(sql);
});
