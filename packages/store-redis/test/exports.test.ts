import { expect, it } from "vitest";

import * as store from "../src/index.js";

it("has this public name and no others", () => {
  expect(Object.keys(store)).toEqual(["redisStore"]);
});
