import { expect, it } from "vitest";

import * as inbox from "../src/index.js";

it("exports exactly this name", () => {
  expect(Object.keys(inbox)).toEqual(["pgBossInbox"]);
});
