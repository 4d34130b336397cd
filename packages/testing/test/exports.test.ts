import { expect, it } from "vitest";

import * as testing from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "adapterCases",
    "caseSecret",
    "caseTime",
    "createEvent",
    "enterState",
    "inboxCases",
    "prepareCase",
    "sendCase",
    "serialize",
    "signDelivery",
    "storeCases",
    "storeClockCases",
    "transactionCases",
    "vectors",
  ]);
});
