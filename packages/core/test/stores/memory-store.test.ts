import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect, it } from "vitest";

import { MemoryStore } from "../../src/index.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("refuses a misspelt option", () => {
  const create = () => new MemoryStore({ maxEntrys: 5000 } as object);
  expect(create).toThrow(new TypeError("maxEntrys is not an option: did you mean maxEntries?"));
});

it("keeps no id of a delivery that is done, however deliveries overlap", () => {
  const store = new MemoryStore();
  const idBytes = 10_000;
  const claim = (count: number) => {
    const id = String(count).padEnd(idBytes, "x");
    store.claim(id, "token", 1000);
    return id;
  };
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const count = 3000;
  for (let pair = 0; pair < count; pair += 2) {
    const ids = [claim(pair), claim(pair + 1)];
    for (const id of ids) store.commit(id, "token", 86_400_000);
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan((count * idBytes) / 10);
  expect(store.size).toBe(count);
});

it("finds room for a delivery among thousands that have been given back and may be forgotten", () => {
  let time = 0;
  const store = new MemoryStore({ now: () => time, retentionSeconds: 60, maxEntries: 5000 });
  for (let delivery = 0; delivery < 5000; delivery += 1) {
    store.claim(`msg_${delivery}`, "token", 1000);
    store.release(`msg_${delivery}`, "token");
  }
  expect(() => store.claim("one too many", "token", 1000)).toThrow(/full/);
  time += 60_000;
  expect(store.claim("new", "token", 1000)).toEqual({ state: "claimed", attempt: 1 });
});
