import { inboxCases, storeCases, storeClockCases } from "@ahasend-webhooks/testing";
import { inboxModel } from "@ahasend-webhooks/testing/inbox-model";
import { storeModel } from "@ahasend-webhooks/testing/store-model";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { type SqliteStoreOptions, sqliteInbox, sqliteStore } from "../src/index.js";
import { createFile, drivers, openDatabase } from "./drivers.js";

describe.each(Object.keys(drivers))("on %s", (driver) => {
  describe("sqliteInbox", () => {
    it.each(inboxCases)("$name", async ({ run }) => {
      const db = openDatabase(driver, createFile());
      const opened: { close(): void }[] = [];
      onTestFinished(() => opened.forEach((inbox) => inbox.close()));
      await run({
        open(options) {
          const inbox = sqliteInbox(db, options);
          opened.push(inbox);
          return inbox;
        },
        expireLeases: () => undefined,
      });
    });

    it("handles any script of deliveries, failures, duplicates and ordering keys as the model does", async () => {
      const db = openDatabase(driver);
      let run = 0;
      const property = inboxModel(() => {
        const table = `inbox ${(run += 1)}`;
        return {
          open: (options) => sqliteInbox(db, { ...options, table }),
          expireLeases: () => undefined,
        };
      });
      await fc.assert(property, { numRuns: 100 });
    });
  });

  describe("sqliteStore", () => {
    const open = (options: SqliteStoreOptions = {}) => {
      const store = sqliteStore(openDatabase(driver), options);
      onTestFinished(() => store.close());
      return store;
    };

    it.each(storeCases)("$name", async ({ run }) => {
      let time = 1_784_041_401_000;
      await run({ store: open({ now: () => time }), advance: (ms) => void (time += ms) });
    });

    it.each(storeClockCases)("$name", async ({ run }) => run({ store: open() }));

    it("agrees with the model for any sequence of steps", async () => {
      const db = openDatabase(driver);
      let run = 0;
      const property = storeModel(() => {
        let time = 1_784_041_401_000;
        const table = `deliveries ${(run += 1)}`;
        const store = sqliteStore(db, { table, now: () => time, retentionSeconds: 14 * 3600 });
        return { store, advance: (ms) => void (time += ms) };
      });
      await fc.assert(property, { numRuns: 150 });
    });

    it("recognizes deliveries after the file was closed and opened again", async () => {
      const file = createFile();
      const db = openDatabase(driver, file);
      await sqliteStore(db).commit("a", "one", 60_000);
      db.close();
      const store = sqliteStore(openDatabase(driver, file));
      onTestFinished(() => store.close());
      expect(await store.claim("a", "two", 1000)).toEqual({ state: "done" });
    });
  });
});
