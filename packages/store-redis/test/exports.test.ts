import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("exports exactly this name", () => {
  expect(Object.keys(store)).toEqual(["redisStore"]);
});
