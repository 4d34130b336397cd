import { expect, it } from "vitest";

import * as testing from "../src/index.js";

it("has these public names and no others", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "adapterCases",
    "caseSecret",
    "caseTime",
    "createEvent",
    "enterState",
    "prepareCase",
    "sendCase",
    "serialize",
    "signDelivery",
    "storeCases",
    "transactionCases",
    "vectors",
  ]);
});
