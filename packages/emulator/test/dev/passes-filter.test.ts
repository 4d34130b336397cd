import { expect, it } from "vitest";

import type { DeliveryRow } from "../../src/dev/view.js";
import { type Filter, passesFilter } from "../../web/src/passes-filter.js";
import { toPretty } from "../../web/src/pretty/to-pretty.js";

const row = {
  type: "message.bounced",
  id: "msg_1",
  about: "ada@customer.example",
  state: "failed",
  endpointId: "one",
} as DeliveryRow;

it.each<[Partial<Filter>, boolean]>([
  [{}, true],
  [{ text: "ADA 401" }, true],
  [{ text: "ada 204" }, false],
  [{ state: "failed" }, true],
  [{ state: "delivered" }, false],
  [{ type: "message.bounced" }, true],
  [{ type: "message.opened" }, false],
  [{ endpointId: "one" }, true],
  [{ endpointId: "two" }, false],
  [{ type: "message.bounced", text: "desk", state: "failed" }, true],
])("filters a delivery by %j: %s", (changes, passes) => {
  const filter: Filter = { text: "", state: "all", type: "", endpointId: "", ...changes };
  expect(passesFilter(row, filter, ["Mail desk", "401"])).toBe(passes);
});

it("indents JSON, and shortens only strings over the limit", () => {
  const json = JSON.stringify({ short: "a", long: "b".repeat(1000) });
  expect(toPretty(json)).toEqual({ text: JSON.stringify(JSON.parse(json), null, 2), isShortened: false });
  const { text, isShortened } = toPretty(json, 500)!;
  expect(text).toContain(`"${"b".repeat(200)} … and 800 more characters"`);
  expect([isShortened, text.includes('"short": "a"')]).toEqual([true, true]);
  expect(toPretty("{ no JSON")).toBeUndefined();
});
