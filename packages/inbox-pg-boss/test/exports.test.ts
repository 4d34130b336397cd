import { expect, it } from "vitest";

import * as inbox from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(inbox)).toEqual(["pgBossInbox", "pgBossInboxAdmin"]);
});
