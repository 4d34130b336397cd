import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(store)).toEqual(["sqliteInbox", "sqliteInboxAdmin", "sqliteStore"]);
});
