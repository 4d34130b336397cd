import { PermanentError } from "@ahasend-webhooks/core";
import { expect, it, onTestFinished } from "vitest";

import { sqliteInbox, sqliteInboxAdmin } from "../src/index.js";
import { createFile, drivers, openDatabase } from "./drivers.js";
import { InboxWorker, createDelivery } from "./inbox-worker.js";

it.each(Object.keys(drivers))(
  "reads, replays and discards beside a worker that holds the lock, on %s",
  async (driver) => {
    const file = createFile();
    const inbox = sqliteInbox(openDatabase(driver, file), { orderingKey: () => undefined });
    onTestFinished(() => inbox.close());
    const deliveries = ["a", "b"].map((id) => createDelivery(id));
    for (const delivery of deliveries) await inbox.accept(delivery);
    let isRepaired = false;
    const worker = new InboxWorker(inbox, () => {
      if (!isRepaired) throw new PermanentError("no such customer");
    });
    await worker.ended(2);
    isRepaired = true;
    const { stats, deadLetters } = sqliteInboxAdmin(openDatabase(driver, file));
    expect(await stats()).toEqual({ waiting: 0, active: 0, deadLetters: 2, oldestSeconds: undefined });
    const [a, b] = await deadLetters.list();
    expect([a?.deliveryId, b?.deliveryId]).toEqual(["a", "b"]);
    const { rawBody = [] } = (await deadLetters.inspect(a!.id)) ?? {};
    expect(Buffer.from(rawBody)).toEqual(deliveries[0]!.rawBody);
    expect([await deadLetters.replay(a!.id), await deadLetters.discard("all")]).toEqual([1, 1]);
    await worker.ended(3);
    expect(worker.ids.at(-1)).toBe("a");
    expect(await stats()).toMatchObject({ waiting: 0, deadLetters: 0 });
  },
);

it("leaves a database of something else as it is, and names the option", () => {
  const db = openDatabase("libsql", createFile());
  db.exec("CREATE TABLE own (x)");
  expect(() => sqliteInboxAdmin(db)).toThrow(
    /has no table "ahasend_inbox": pass the file of the inbox, or set the option table/,
  );
  expect(db.prepare("PRAGMA journal_mode").all()).toMatchObject([{ journal_mode: "delete" }]);
  expect(db.prepare("SELECT name FROM sqlite_schema").all()).toMatchObject([{ name: "own" }]);
});
