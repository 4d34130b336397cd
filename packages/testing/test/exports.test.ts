import { expect, it } from "vitest";

import * as testing from "../src/index.js";

it("exports exactly these names", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "WorkerUnderTest",
    "adapterCases",
    "caseSecret",
    "caseTime",
    "createDelivery",
    "createDeliveryId",
    "createEvent",
    "createEventId",
    "createGate",
    "createMessageId",
    "enterState",
    "formatDelivery",
    "inboxCases",
    "listEventFields",
    "loadDeliveries",
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
